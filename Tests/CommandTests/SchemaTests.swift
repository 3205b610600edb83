// SPDX-License-Identifier: Apache-2.0

import Audit
import Foundation
import TestKit
import Testing

@Suite("The JSON Schema of policies", .enabled(if: Entente.isBuilt))
struct SchemaTests {
    @Test("docs/policy.schema.json is what `entente schema` prints")
    func current() throws {
        let printed = try Entente.run(["schema"])
        #expect(printed.status == 0)
        let file = Shared.projectRoot.appending(path: "docs/policy.schema.json")
        let kept = try String(contentsOf: file, encoding: .utf8)
        #expect(kept == printed.text, "run `entente schema > docs/policy.schema.json`")
        let schema = try printed.answer()
        #expect(schema["additionalProperties"] as? Bool == false)
        let properties = try #require(schema["properties"] as? [String: Any])
        for key in ["entente", "policy", "self", "tiers", "servers"] { #expect(properties[key] != nil, "\(key)") }
    }

    @Test("docs/audit-record.schema.json is what `entente schema --record` prints")
    func records() throws {
        let printed = try Entente.run(["schema", "--record"])
        #expect(printed.status == 0)
        let file = Shared.projectRoot.appending(path: "docs/audit-record.schema.json")
        #expect(
            try String(contentsOf: file, encoding: .utf8) == printed.text,
            "run `entente schema --record > docs/audit-record.schema.json`")
    }

    @Test(
        "every record of a run with lockdowns, a reload and strangers is what the schema says, to another validator too"
    )
    func run() throws {
        let node = try LockdownNode()
        let gateway = try node.start()
        _ = try gateway.status(of: "/_matrix/federation/v1/version")
        _ = try gateway.status(of: "/nowhere")
        _ = try node.lockdown("on", "quiet", by: "officer-b")
        _ = try node.lockdown("off", "quiet", by: "officer-b")
        _ = try node.lockdown("off", "quiet", by: "officer-a", "officer-b")
        gateway.hangUp()
        try gateway.wait(for: "policy and certificates were read again")
        gateway.stop()
        let schema = try SchemaCheck()
        var reader = LogReader(directory: node.files.path("etc/audit"))
        var lines = ""
        var kinds: Set<String> = []
        while let entry = try reader.next() {
            let text = String(decoding: entry.record, as: UTF8.self)
            #expect(schema.faults(of: entry.record) == [], "\(text)")
            let object = try JSONSerialization.jsonObject(with: Data(entry.record)) as? [String: Any]
            kinds.insert(object?["kind"] as? String ?? "")
            lines += text + "\n"
        }
        for kind in ["log.start", "request", "lockdown.on", "lockdown.off", "admin.lockdown", "log.stop"] {
            #expect(kinds.contains(kind), "\(kind)")
        }
        let records = try node.files.directory.file("records.jsonl", lines)
        let other = """
            import json, sys
            try: import jsonschema
            except ImportError: sys.exit(77)
            check = jsonschema.Draft202012Validator(json.load(open(sys.argv[1])))
            for line in open(sys.argv[2]): check.validate(json.loads(line))
            broken = json.loads(line); broken["x"] = 1
            sys.exit(0 if not check.is_valid(broken) else 3)
            """
        let process = Process()
        process.executableURL = URL(filePath: "/usr/bin/env")
        process.arguments = [
            "python3", "-c", other, Shared.projectRoot.appending(path: "docs/audit-record.schema.json").path, records,
        ]
        process.standardError = FileHandle.nullDevice
        try process.run()
        process.waitUntilExit()
        // Where there is no `jsonschema` (77) the small validator of the tests alone has looked.
        #expect([0, 77, 127].contains(process.terminationStatus))
    }
}
