// SPDX-License-Identifier: Apache-2.0

import Foundation
import MatrixFederation
import PolicyEngine
import Testing

@testable import Audit

@Suite("Requests that are being read")
struct ParsingSlotsTests {
    private func inDirectory(_ body: (String) throws -> Void) throws {
        let url = FileManager.default.temporaryDirectory.appending(path: "entente-slots-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: url, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: url) }
        try body(url.path)
    }

    @Test("AC-106 what is held when nobody lets go of it is there at the next start, what was let go of is not")
    func survives() throws {
        try inDirectory { directory in
            let (poison, other) = (SHA256.hash([1]), SHA256.hash([2]))
            do {
                let slots = try ParsingSlots(in: directory)
                #expect(slots.left.isEmpty)
                slots.hold(poison, slot: 3)
                slots.hold(other, slot: 4)
                slots.release(slot: 4)
                // No more loops than slots; others are passed over.
                slots.hold(other, slot: ParsingSlots.count)
                slots.hold(other, slot: -1)
            }
            let next = try ParsingSlots(in: directory)
            #expect(next.left == [poison])
            next.clear()
            #expect(try ParsingSlots(in: directory).left.isEmpty)
        }
    }

    @Test("AC-106 a file that is none of ours is read without harm, and a link is not followed")
    func hostile() throws {
        try inDirectory { directory in
            let path = directory + "/" + ParsingSlots.name
            for content in [Data(), Data(repeating: 0xFF, count: 7), Data(repeating: 2, count: 100_000)] {
                try content.write(to: URL(filePath: path))
                let slots = try ParsingSlots(in: directory)
                #expect(slots.left.isEmpty)
                slots.hold(SHA256.hash([1]), slot: 255)
                #expect(try FileManager.default.attributesOfItem(atPath: path)[.size] as? Int == 256 * 64)
                try FileManager.default.removeItem(atPath: path)
            }
            try FileManager.default.createSymbolicLink(atPath: path, withDestinationPath: "/etc/hostname")
            #expect(throws: DiskFailure.self) { try ParsingSlots(in: directory) }
        }
    }

    @Test("AC-107 the register beside the log is the one that was written, or none")
    func store() throws {
        try inDirectory { directory in
            let store = QuarantineStore(directory: directory)
            #expect(try store.read() == nil)
            let register = QuarantineRegister(build: nil).started(
                after: [SHA256.hash([1])], build: nil, at: Timestamp(milliseconds: 5000))
            try store.write(register)
            #expect(try store.read() == register)
            try Data("entente quarantine 1\n".utf8).write(to: URL(filePath: directory + "/quarantine.state"))
            #expect(try store.read() == nil)
        }
    }
}
