import { toMinutesTime } from "@cloud-assistant/shared/api/answers";
import {
  DescribeCommandsInput,
  type CommandAnswer,
  type DescribeCommandsAnswer,
} from "@cloud-assistant/shared/api/commands";
import type { Context } from "../context.ts";
import { declaredNames } from "../domain/command-content.ts";
import { groupFilter } from "../domain/resource-groups.ts";
import type { Command, CommandFilter, Page } from "../store/store.ts";
import { defineAction, type Call } from "./action.ts";
import { emptyPage, listPage } from "./list-page.ts";
import { findCommandResource } from "./resources.ts";
import { toEncoded, toTags, type Encoding } from "./run-answer.ts";
import { toScope } from "./scope.ts";

export const describeCommands = defineAction({
  name: "DescribeCommands",
  input: DescribeCommandsInput,
  mutates: false,
  resources: async (context, { RegionId, CommandId }, call) => ({
    resources: [await findCommandResource(context, toScope(call, RegionId), CommandId)],
  }),
  run: async (context, input, call): Promise<DescribeCommandsAnswer> => {
    // a Provider asks for public commands, which there are none of
    const list = input.Provider
      ? emptyPage
      : (wanted: Page) => context.store.commands.list(toFilter(context, input, call), wanted);
    const { rows, page } = await listPage(context, call, input, list);
    return { ...page, Commands: { Command: rows.map((row) => toCommand(row, input.ContentEncoding)) } };
  },
});

function toFilter({ config }: Context, input: DescribeCommandsInput, call: Call): CommandFilter {
  const groups = groupFilter(input.ResourceGroupId, config.resourceGroupIds);
  return {
    ...toScope(call, input.RegionId),
    tags: input.Tag,
    ...(input.CommandId && { commandId: input.CommandId }),
    ...(input.Name && { name: input.Name }),
    ...(input.Description && { description: input.Description }),
    ...(input.Type && { commandType: input.Type }),
    ...(groups && { resourceGroupIds: groups }),
  };
}

function toCommand(command: Command, encoding: Encoding): CommandAnswer {
  const names = command.enableParameter ? declaredNames(command.content) : [];
  return {
    CommandId: command.commandId,
    Name: command.name,
    Description: command.description,
    Type: command.commandType,
    CommandContent: toEncoded(command.content, encoding),
    WorkingDir: command.workingDir,
    Timeout: command.timeoutSeconds,
    EnableParameter: command.enableParameter,
    ParameterNames: { ParameterName: names },
    ParameterDefinitions: { ParameterDefinition: names.map(toDefinition) },
    Launcher: command.launcher,
    Provider: "",
    Category: "",
    InvokeTimes: command.invokeTimes,
    CreationTime: toMinutesTime(new Date(command.createdMs).toISOString()),
    ResourceGroupId: command.resourceGroupId,
    Tags: { Tag: toTags(command.tags) },
  };
}

/** Only a public command says more of its parameters than their names; one that is not given is the empty text. */
function toDefinition(name: string) {
  return {
    ParameterName: name,
    Description: "",
    DefaultValue: "",
    PatternRegex: "",
    Required: false,
    PossibleValues: { PossibleValue: [] },
  };
}
