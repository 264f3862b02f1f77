import { describe, expect, test } from "vitest";
import { percentEncode, readForm } from "@cloud-assistant/control-plane/http/percent-encoding";
import { signV1, stringToSignV1 } from "@cloud-assistant/control-plane/http/signature-v1";
import {
  coversEnough,
  readAuthorization,
  sha256Hex,
  signV3,
  stringToSignV3,
} from "@cloud-assistant/control-plane/http/signature-v3";

// The vectors are those of wire-facts 1, 2 and 4: documented samples, and requests captured from the official SDKs.
const SECRET = "FAKE-SECRET-FOR-LOCAL-TEST";
const EMPTY_HASH = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";

const single = (headers: Record<string, string>): Record<string, string[]> =>
  Object.fromEntries(Object.entries(headers).map(([name, value]) => [name, [value]]));

describe("ACS3", () => {
  test("the documented sample", () => {
    const headers = {
      host: "ecs.cn-shanghai.aliyuncs.com",
      "x-acs-action": "RunInstances",
      "x-acs-content-sha256": EMPTY_HASH,
      "x-acs-date": "2023-10-26T10:22:32Z",
      "x-acs-signature-nonce": "3156853299f313e23d1673dc12e1703d",
      "x-acs-version": "2014-05-26",
    };
    const text = stringToSignV3({
      method: "POST",
      query: readForm("ImageId=win2019_1809_x64_dtc_zh-cn_40G_alibase_20230811.vhd&RegionId=cn-shanghai"),
      headers: single(headers),
      signedHeaders: Object.keys(headers),
      bodyHash: sha256Hex(""),
    });
    expect(text).toBe("ACS3-HMAC-SHA256\n7ea06492da5221eba5297e897ce16e55f964061054b7695beedaac1145b1e259");
    expect(signV3("YourAccessKeySecret", text)).toBe(
      "06563a9e1b43f5dfe96b81484da74bceab24a1d853912eee15083a6f0f3283c0",
    );
  });

  test("a captured RunCommand, whose URL on the wire is not the canonical query", () => {
    const authorization = readAuthorization(
      "ACS3-HMAC-SHA256 Credential=FAKEAKID00000001,SignedHeaders=host;x-acs-action;x-acs-content-sha256;x-acs-credentials-provider;x-acs-date;x-acs-signature-nonce;x-acs-version,Signature=32427d5878c264700993d9c1d4c9cfc0923d5c11e631aa9bf33501c3ed4f8df9",
    );
    expect(authorization?.accessKeyId).toBe("FAKEAKID00000001");
    const text = stringToSignV3({
      method: "POST",
      query: readForm(
        "ClientToken=123e4567-e89b-12d3-a456-426655440000&CommandContent=echo%20%7B%7Bname%7D%7D%20%27a%20b%27%20*~!()&ContentEncoding=PlainText&EnableParameter=true&InstanceId.1=i-1&InstanceId.2=i-2&InstanceId.3=mi-3&KeepCommand=false&Parameters=%7B%22name%22%3A%22Jack%22%2C%22n%22%3A3%2C%22x%22%3A%7B%22y%22%3A%5B1%5D%7D%7D&RegionId=cn-hangzhou&ResourceTag.1.Key=batch&ResourceTag.1.Value=b%201&Tag.1.Key=env&Tag.1.Value=prod&Tag.2.Key=empty&Tag.2.Value=&Timeout=60&Type=RunShellScript",
      ),
      headers: single({
        host: "127.0.0.1:18080",
        "x-acs-version": "2014-05-26",
        "x-acs-action": "RunCommand",
        "x-acs-date": "2026-11-24T01:53:53Z",
        "x-acs-signature-nonce": "8518d0ee816e8411624933df8bd377f26f52b0110e03f0901326585af052025d",
        "x-acs-content-sha256": EMPTY_HASH,
        "x-acs-credentials-provider": "static_ak",
      }),
      signedHeaders: authorization?.signedHeaders ?? [],
      bodyHash: EMPTY_HASH,
    });
    expect(text).toBe("ACS3-HMAC-SHA256\n389634f8804e30e7704061cd7ab6319b4e3f6847a7c390f5ef37d0619864b229");
    expect(signV3(SECRET, text)).toBe(authorization?.signature);
  });

  test("tolerates blanks after the commas, knows an incomplete header and signed headers that do not cover enough", () => {
    expect(readAuthorization("ACS3-HMAC-SHA256 Credential=a, SignedHeaders=host;x-acs-date, Signature=c0")).toEqual({
      accessKeyId: "a",
      signedHeaders: ["host", "x-acs-date"],
      signature: "c0",
    });
    expect(readAuthorization("ACS3-HMAC-SHA256 Credential=a,Signature=c0")).toBeUndefined();
    expect(coversEnough(["host", "x-acs-date"])).toBe(false);
  });
});

describe("v1", () => {
  test("the documented sample", () => {
    const parameters = readForm(
      "Timestamp=2016-02-23T12:46:24Z&Format=XML&AccessKeyId=testid&Action=DescribeRegions&SignatureMethod=HMAC-SHA1&SignatureNonce=3ee8c1b8-83d3-44af-a94f-4e0ad82fd6cf&Version=2014-05-26&SignatureVersion=1.0",
    );
    expect(signV1("testsecret", stringToSignV1("GET", parameters))).toBe("OLeaidS1JvxuMvnyHOwuJ+uX5qY=");
  });

  test("pop-core GET, with arrays and characters that encodeURIComponent leaves", () => {
    const parameters = readForm(
      "AccessKeyId=FAKEAKID00000001&Action=RunCommand&CommandContent=echo%20%7B%7Bname%7D%7D%20%2A~%21%28%29&EnableParameter=true&Format=JSON&InstanceId.1=i-1&InstanceId.2=i-2&Parameters=%7B%22name%22%3A%22Jack%22%7D&RegionId=cn-hangzhou&ResourceTag.1.Key=batch&ResourceTag.1.Value=b%201&SignatureMethod=HMAC-SHA1&SignatureNonce=eb83a9935fbdfc6b38dbe9686dd5ed02&SignatureVersion=1.0&Tag.1.Key=env&Tag.1.Value=prod&Timestamp=2026-11-24T01%3A53%3A53Z&Type=RunShellScript&Version=2014-05-26&Signature=103ww8ZCbdyS5HgjTkGPLej9jyY%3D",
    );
    expect(signV1(SECRET, stringToSignV1("GET", parameters))).toBe(parameters.get("Signature"));
  });

  test("pop-core POST, everything in the form", () => {
    const parameters = readForm(
      "AccessKeyId=FAKEAKID00000001&Action=RunCommand&CommandContent=echo%201&Format=JSON&InstanceId.1=i-1&Parameters=%7B%22name%22%3A%22Jack%22%7D&RegionId=cn-hangzhou&SignatureMethod=HMAC-SHA1&SignatureNonce=633e584d1de7852180772c125e441d34&SignatureVersion=1.0&Timestamp=2026-11-24T01%3A53%3A54Z&Type=RunShellScript&Version=2014-05-26&Signature=L063o497MUZ20xVoG8j15Wg8d%2Bg%3D",
    );
    expect(signV1(SECRET, stringToSignV1("POST", parameters))).toBe(parameters.get("Signature"));
  });

  test("tea-rpc, common parameters in the query and the rest in the form", () => {
    const query = readForm(
      "Action=InvokeCommand&Format=json&Timestamp=2026-11-24T02%3A02%3A43Z&Version=2014-05-26&SignatureNonce=43435096568e809176bd6d830d260f9c&SignatureMethod=HMAC-SHA1&SignatureVersion=1.0&AccessKeyId=FAKEAKID00000001&Signature=y%2F3yChfWXSL4KP0NPvytDIci8Ts%3D",
    );
    const all = readForm(
      "RegionId=cn-hangzhou&CommandId=c-1&InstanceId.1=i-1&InstanceId.2=i-2&Parameters=%7B%22name%22%3A%22Jack%20Ma%22%7D&Timed=false",
      query,
    );
    expect(signV1(SECRET, stringToSignV1("POST", all))).toBe(all.get("Signature"));
  });
});

test("forms: a plus is a blank, a real one is escaped, broken escapes are no crash, a name given twice is refused", () => {
  expect([...readForm("a=1+2%2B3&b=%zz&c&=x&&d=%E4%BD%A0")]).toEqual([
    ["a", "1 2+3"],
    ["b", "%zz"],
    ["c", ""],
    ["", "x"],
    ["d", "你"],
  ]);
  expect(() => readForm("a=1&a=1")).toThrow(expect.objectContaining({ code: "InvalidParameter.Duplicate" }));
  expect(percentEncode("a-_.~!'()*+ é/")).toBe("a-_.~%21%27%28%29%2A%2B%20%C3%A9%2F");
});
