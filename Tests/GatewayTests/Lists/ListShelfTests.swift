// SPDX-License-Identifier: Apache-2.0

import Foundation
import Gateway
import MatrixFederation
import PolicyEngine
import TestKit
import Testing
import Transport

/// A policy's directory with lists in it.
final class ListFolder {
    let url: URL
    let publisher: ListPublisher
    /// When the files are said to have been written.
    let start = Timestamp(milliseconds: Int64(Date().timeIntervalSince1970) * 1000)

    init(_ publisher: ListPublisher? = nil) throws {
        self.publisher = try publisher ?? ListPublisher()
        url = FileManager.default.temporaryDirectory.appending(path: "lists-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: url, withIntermediateDirectories: true)
        try put("roots.pem", try self.publisher.roots())
    }

    deinit { try? FileManager.default.removeItem(at: url) }

    var floors: ListFloors { ListFloors(directory: url.path) }

    /// Replaces a file as a careful fetcher does: a new one takes its name.
    func put(_ name: String, _ bytes: [UInt8], age: Double = 0) throws {
        let file = url.appending(path: name)
        try Data(bytes).write(to: file, options: .atomic)
        let date = Date(timeIntervalSince1970: Double(start.milliseconds) / 1000 - age)
        try FileManager.default.setAttributes([.modificationDate: date], ofItemAtPath: file.path)
    }

    func put(_ name: String, _ text: String) throws { try put(name, Array(text.utf8)) }

    func source(_ more: String = "", form: ListSource.Form = .jws) throws -> ListSource {
        let specific =
            form == .jws ? "file: ti.jws, form: jws, roots: roots.pem, max_age: 24h" : "file: ti.txt, form: text"
        let text = """
            entente: 1
            policy: { id: test, serial: 7 }
            self: { state: DE, servers: [own.example] }
            tiers: { own: { may: [keys] } }
            lists:
              ti: { \(specific), tier: own, state: none\(more) }

            """
        return try #require(Policy.listSources(Array(text.utf8)).first)
    }

    func shelf(_ source: ListSource, at now: Timestamp? = nil) -> ListShelf {
        ListShelf(reading: [source], in: url.path + "/", floors: floors, at: now ?? start)
    }

    /// Why the list is not taken now.
    func fault(_ source: ListSource, at now: Timestamp? = nil) -> String? {
        guard case .broken(let fault) = shelf(source, at: now).readings["ti"] else { return nil }
        return fault.what
    }
}

@Suite("Lists on disk: trust, versions, age, reading again")
struct ListShelfTests {
    private func names(_ shelf: ListShelf) -> [String]? {
        guard case .read(let list, _) = shelf.readings["ti"] else { return nil }
        return list.names.map(\.text)
    }

    @Test("a list signed under the roots is taken; a swapped payload, another root and another algorithm are not")
    func trust() throws {
        let folder = try ListFolder()
        let source = try folder.source()
        let good = try folder.publisher.list(["a.example"])
        try folder.put("ti.jws", good)
        #expect(names(folder.shelf(source)) == ["a.example"])

        let other = try folder.publisher.list(["b.example"])
        var parts = String(decoding: good, as: UTF8.self).split(separator: ".")
        parts[1] = String(decoding: other, as: UTF8.self).split(separator: ".")[1]
        try folder.put("ti.jws", parts.joined(separator: "."))
        #expect(folder.fault(source) == "its signature is wrong")

        try folder.put("ti.jws", try ListPublisher().list(["a.example"]))
        #expect(folder.fault(source)?.contains("leads to no trusted authority") == true)

        var confused = folder.publisher
        confused.algorithmName = "RS256"
        try folder.put("ti.jws", try confused.list(["a.example"]))
        #expect(folder.fault(source) == "its algorithm does not fit the key of its signer")

        let foreign = try ListPublisher()
        let header = #"{"alg":"ES256","x5c":\#(try folder.publisher.certificates())}"#
        try folder.put("ti.jws", try foreign.sign(ListPublisher.payload(["a.example"]), header: header))
        #expect(folder.fault(source) == "its signature is wrong")
    }

    @Test("a list on the brainpool curve is taken under both names", arguments: ["ES256", "BP256R1"])
    func brainpool(name: String) throws {
        var publisher = try ListPublisher(key: .brainpoolP256r1)
        publisher.algorithmName = name
        let folder = try ListFolder(publisher)
        try folder.put("ti.jws", try publisher.list(["a.example"]))
        #expect(names(folder.shelf(try folder.source())) == ["a.example"])
    }

    @Test("an expired certificate, one to come, and a list that has ended are not taken as if they were good")
    func times() throws {
        for (validity, says) in [(CertificateValidity.past, "expired"), (.future, "not valid yet")] {
            let folder = try ListFolder(try ListPublisher(validity: validity))
            try folder.put("ti.jws", try folder.publisher.list(["a.example"]))
            #expect(folder.fault(try folder.source())?.contains(says) == true)
        }
        let folder = try ListFolder()
        let seconds = folder.start.milliseconds / 1000
        try folder.put("ti.jws", try folder.publisher.list(["a.example"], more: #","exp":\#(seconds - 1)"#))
        #expect(folder.shelf(try folder.source()).readings["ti"].isStale == true)
        try folder.put("ti.jws", try folder.publisher.list(["a.example"], more: #","nbf":\#(seconds + 3600)"#))
        #expect(folder.fault(try folder.source()) == "it is not valid yet")
    }

    @Test("the signer must be the one of the policy", arguments: ["subject", "dns", "spki"])
    func pins(kind: String) throws {
        let folder = try ListFolder()
        try folder.put("ti.jws", try folder.publisher.list(["a.example"]))
        let spki = Base64.encode(try #require(folder.publisher.identity.spki).bytes)
        let right = [
            "subject": "\"CN=lists.health.example\"", "dns": "lists.health.example", "spki": "\"sha256/\(spki)\"",
        ]
        let wrong = [
            "subject": "\"CN=lists.health.exampl\"", "dns": "other.example",
            "spki": "\"sha256/\(Base64.encode([UInt8](repeating: 0, count: 32)))\"",
        ]
        #expect(names(folder.shelf(try folder.source(", signer: { \(kind): \(right[kind] ?? "") }"))) == ["a.example"])
        let fault = folder.fault(try folder.source(", signer: { \(kind): \(wrong[kind] ?? "") }"))
        #expect(fault?.contains("`\(kind)` differs") == true, "\(fault ?? "taken")")
    }

    @Test(
        "an older version is refused after a restart, other names under the same version too, the same list again is not"
    )
    func rollback() throws {
        let folder = try ListFolder()
        let source = try folder.source()
        try folder.put("ti.jws", try folder.publisher.list(["a.example"], version: 5))
        for (source, list, _) in folder.shelf(source).lists { try folder.floors.raise(to: list, of: source) }
        #expect(names(folder.shelf(source)) == ["a.example"])
        try folder.put("ti.jws", try folder.publisher.list(["a.example"], version: 5))
        #expect(names(folder.shelf(source)) == ["a.example"], "signed anew, with the same names")
        try folder.put("ti.jws", try folder.publisher.list(["a.example", "b.example"], version: 4))
        #expect(folder.fault(source) == "its version 4 is older than 5, which was in force")
        try folder.put("ti.jws", try folder.publisher.list(["a.example", "b.example"], version: 5))
        #expect(folder.fault(source)?.contains("other names than the list of the same version 5") == true)
        try folder.put("ti.jws", try folder.publisher.list(["b.example"], version: 6))
        #expect(names(folder.shelf(source)) == ["b.example"])
        #expect(folder.fault(try folder.source(", min_version: 7"))?.contains("below `min_version`, 7") == true)
        for text in ["", "5", "x y\n", "-1 \(String(repeating: "a", count: 64))\n", "5 abc\n"] {
            try folder.put("list.ti.floor", text)
            #expect(folder.fault(source)?.contains("does not hold a version") == true, "\(text)")
        }
    }

    @Test("the floor rises only, and cannot be raised where it cannot be written")
    func floors() throws {
        let folder = try ListFolder()
        let source = try folder.source()
        for version: Int64 in [5, 9, 7] {
            try folder.put("ti.jws", try folder.publisher.list(["a.example"], version: version))
            let shelf = ListShelf(reading: [source], in: folder.url.path + "/", floors: nil, at: folder.start)
            for (source, list, _) in shelf.lists { try folder.floors.raise(to: list, of: source) }
            let nowhere = ListFloors(directory: folder.url.path + "/nowhere")
            for (source, list, _) in shelf.lists {
                #expect(throws: ListFault.self) { try nowhere.raise(to: list, of: source) }
            }
        }
        let text = try String(contentsOf: folder.url.appending(path: "list.ti.floor"), encoding: .utf8)
        #expect(text.hasPrefix("9 "))
    }

    @Test("a changed file is read again; a broken, older or missing one leaves the list that was there, said once")
    func again() throws {
        let folder = try ListFolder()
        let source = try folder.source()
        try folder.put("ti.jws", try folder.publisher.list(["a.example"], version: 5))
        var shelf = folder.shelf(source)
        #expect(shelf.refresh(at: folder.start).isEmpty)
        try folder.put("ti.jws", try folder.publisher.list(["a.example", "b.example"], version: 6))
        #expect(shelf.refresh(at: folder.start).kinds == ["taken"])
        #expect(names(shelf) == ["a.example", "b.example"])
        try folder.put("ti.jws", try folder.publisher.list(["a.example"], version: 5))
        #expect(shelf.refresh(at: folder.start).kinds == ["rejected"])
        try folder.put("ti.jws", "broken")
        #expect(shelf.refresh(at: folder.start).kinds == ["rejected"])
        #expect(shelf.refresh(at: folder.start).isEmpty)
        try FileManager.default.removeItem(at: folder.url.appending(path: "ti.jws"))
        #expect(shelf.refresh(at: folder.start).kinds == ["rejected"])
        #expect(shelf.refresh(at: folder.start).isEmpty)
        #expect(names(shelf) == ["a.example", "b.example"])
        try folder.put("ti.jws", try folder.publisher.list(["c.example"], version: 7))
        #expect(shelf.refresh(at: folder.start).kinds == ["taken"])
        #expect(names(shelf) == ["c.example"])
    }

    @Test("roots that change are looked at again: a list of a dismissed authority is no longer taken")
    func roots() throws {
        let folder = try ListFolder()
        try folder.put("ti.jws", try folder.publisher.list(["a.example"]))
        var shelf = folder.shelf(try folder.source())
        try folder.put("roots.pem", try CertificateAuthority(name: "new").pem())
        #expect(shelf.refresh(at: folder.start).kinds == ["rejected"])
        try folder.put("roots.pem", "nothing")
        #expect(shelf.refresh(at: folder.start).kinds == ["rejected"])
    }

    @Test(
        "a list becomes too old by its file's age, or by its own time; fetched again it counts again",
        arguments: [false, true])
    func age(saysWhen: Bool) throws {
        let folder = try ListFolder()
        let iat = saysWhen ? #","iat":\#(folder.start.milliseconds / 1000)"# : ""
        try folder.put("ti.jws", try folder.publisher.list(["a.example"], more: iat))
        for keeps in [false, true] {
            var shelf = folder.shelf(try folder.source(keeps ? ", on_stale: keep" : ""))
            let day = folder.start.advanced(byMilliseconds: 86_400_000)
            #expect(shelf.nextEnd == day)
            #expect(shelf.refresh(at: day.advanced(byMilliseconds: -1)).isEmpty)
            #expect(shelf.readings["ti"].isStale == false)
            #expect(shelf.refresh(at: day).kinds == ["stale"])
            #expect(shelf.refresh(at: day).isEmpty)
            #expect(shelf.readings["ti"].isStale == !keeps)
            #expect(shelf.nextEnd == nil)
            try folder.put("ti.jws", try folder.publisher.list(["a.example"], more: iat), age: -86_000)
            #expect(shelf.refresh(at: day).kinds == (saysWhen ? ["taken", "stale"] : ["taken"]))
            #expect(shelf.readings["ti"].isStale == (saysWhen && !keeps))
            try folder.put("ti.jws", try folder.publisher.list(["a.example"], more: iat))
        }
    }

    @Test("a file from the future cannot keep a list young for ever")
    func future() throws {
        let folder = try ListFolder()
        try folder.put("ti.jws", try folder.publisher.list(["a.example"]), age: -86_400)
        #expect(folder.fault(try folder.source())?.contains("written in the future") == true)
    }

    @Test("the end of the signer's certificate is the end of the list")
    func certificateEnd() throws {
        let now = Int64(Date().timeIntervalSince1970)
        let folder = try ListFolder(
            try ListPublisher(validity: CertificateValidity(notBefore: now - 60, notAfter: now + 3600)))
        try folder.put("ti.jws", try folder.publisher.list(["a.example"]))
        let shelf = folder.shelf(try folder.source())
        #expect(shelf.nextEnd == Timestamp(milliseconds: (now + 3600) * 1000))
    }

    @Test("a text list is read and read again; a pipe or a directory in its place is refused and nobody waits for it")
    func text() throws {
        let folder = try ListFolder()
        let source = try folder.source(form: .text)
        try folder.put("ti.txt", "a.example\n")
        var shelf = folder.shelf(source)
        #expect(names(shelf) == ["a.example"])
        #expect(shelf.nextEnd == nil)
        try folder.put("ti.txt", "b.example\n")
        #expect(shelf.refresh(at: folder.start).kinds == ["taken"])
        let file = folder.url.appending(path: "ti.txt")
        try FileManager.default.removeItem(at: file)
        let isMade = unsafe mkfifo(file.path, 0o600) == 0
        #expect(isMade)
        #expect(folder.fault(source)?.contains("is no regular file") == true)
        try FileManager.default.removeItem(at: file)
        try FileManager.default.createDirectory(at: file, withIntermediateDirectories: false)
        #expect(folder.fault(source)?.contains("is no regular file") == true)
    }
}

extension [ListShelf.Change] {
    var kinds: [String] {
        map {
            switch $0 {
            case .taken: "taken"
            case .rejected: "rejected"
            case .stale: "stale"
            }
        }
    }
}

extension ListReading? {
    var isStale: Bool? {
        guard case .read(_, let isStale) = self else { return nil }
        return isStale
    }
}
