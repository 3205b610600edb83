// SPDX-License-Identifier: Apache-2.0

import MatrixFederation
import PolicyEngine
import Testing

@testable import Audit

@Suite("What is sealed in a record")
struct ClearContentsTests {
    @Test("is exactly this")
    func golden() {
        var contents = AuditRecord.Contents(level: .full)
        (contents.subject, contents.target) = ("@a:b", "@c:d")
        contents.media = "file"
        (contents.subjects, contents.targets, contents.targetsOmitted) = (["@s:b"], ["@t:d"], 3)
        var clear = ClearContents()
        (clear.peer, clear.path, clear.alias, clear.room) = ("192.0.2.1", "/p", "#a:d", "!r:b")
        clear.eventsAsked = ["$q"]
        clear.refused = [.init(ids: ["$r", "$s"], room: nil, sender: "@a:b", type: "t")]
        clear.events = [.init(ids: ["$e"], room: "!r:b", sender: "@a:b", type: "u")]
        clear.edus = [.init(type: "m.typing", users: ["@a:b"])]
        let expected =
            ##"{"alias":"#a:d","edus":[{"type":"m.typing","users":["@a:b"]}],"##
            + ##""events":[{"event":"$e","room":"!r:b","sender":"@a:b","type":"u"}],"events_asked":["$q"],"##
            + ##""media":"file","path":"/p","peer":"192.0.2.1","##
            + ##""refused":[{"event":"$r","event_other":["$s"],"sender":"@a:b","type":"t"}],"room":"!r:b","##
            + ##""subject":"@a:b","subjects":["@s:b"],"target":"@c:d","targets":["@t:d"],"targets_omitted":3}"##
        #expect(String(decoding: clear.encoded(with: contents), as: UTF8.self) == expected)
    }

    @Test("is never more than 16 KiB, whole JSON, and counts what did not fit", arguments: [1, 300, 3000])
    func bounded(length: Int) throws {
        let text = String(repeating: "\u{202E}", count: length)
        var contents = AuditRecord.Contents(level: .full)
        (contents.subject, contents.target) = (text, text)
        contents.media = text
        (contents.subjects, contents.targets) = (Array(repeating: text, count: 64), Array(repeating: text, count: 64))
        var clear = ClearContents()
        (clear.peer, clear.path, clear.alias, clear.room) = (text, text, text, text)
        clear.eventsAsked = Array(repeating: text, count: 64)
        clear.refused = Array(
            repeating: .init(ids: Array(repeating: text, count: 6), room: text, sender: text, type: text), count: 50)
        clear.events = clear.refused
        clear.edus = Array(repeating: .init(type: text, users: Array(repeating: text, count: 64)), count: 100)
        let bytes = clear.encoded(with: contents)
        #expect(bytes.count <= ClearContents.byteLimit && bytes.count <= SealedField.clearLimit, "\(bytes.count)")
        let document = try JSONDocument(reading: bytes)
        let key: StaticString = "edus_omitted"
        let omitted = try #require(document.member(key, of: document.root).flatMap(document.integer))
        #expect(omitted > 0 && omitted < 100)
    }
}
