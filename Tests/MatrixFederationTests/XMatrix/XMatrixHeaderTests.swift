// SPDX-License-Identifier: Apache-2.0

import MatrixFederation
import Testing

@Suite("X-Matrix fields")
struct XMatrixHeaderTests {
    static let signature = String(repeating: "A", count: 86)
    static let good = #"X-Matrix origin="a.example",destination="b.example",key="ed25519:1",sig="\#(signature)""#

    static func fault(_ text: String) -> XMatrixHeader.Malformed? {
        do {
            _ = try XMatrixHeader(text)
            return nil
        } catch {
            return error
        }
    }

    @Test("a good field is read and written again without what is unknown")
    func reemission() throws {
        let header = try XMatrixHeader(Self.good)
        #expect(String(decoding: header.fieldValue(), as: UTF8.self) == Self.good)
        let loose = Self.good.replacing("X-Matrix o", with: #"X-Matrix  x="y" , O"#) + ",z=w"
        #expect(try XMatrixHeader(loose) == header)
        let legacy = Self.good.replacing(#"destination="b.example","#, with: "")
        #expect(try XMatrixHeader(legacy).destination == nil)
        #expect(String(decoding: try XMatrixHeader(legacy).fieldValue(), as: UTF8.self) == legacy)
    }

    @Test("AC-10 tricks of the grammar are refused, each for what it is")
    func grammar() {
        let good = Self.good
        #expect(Self.fault(good) == nil)
        #expect(Self.fault(good + #",origin="a.example""#) == .repeatedParameter(offset: good.utf8.count + 1))
        #expect(Self.fault(good + #",ORIGIN="c.example""#) == .repeatedParameter(offset: good.utf8.count + 1))
        #expect(Self.fault(good + ",x=1,X=2") == .repeatedParameter(offset: good.utf8.count + 5))
        #expect(Self.fault(good + ",signature=x") == .repeatedParameter(offset: good.utf8.count + 1))
        #expect(Self.fault(good.replacing("sig=", with: "signature=x,sig=")) != nil)
        #expect(Self.fault(good.replacing("sig=", with: "signature=")) == .missing(.signature))
        #expect(Self.fault(good + #",x="a,b""#) == .quotedComma(offset: good.utf8.count + 5))
        #expect(Self.fault(good + #",x="a\,b""#) == .quotedComma(offset: good.utf8.count + 6))
        #expect(Self.fault(good + ",") == .syntax(offset: good.utf8.count + 1))
        #expect(Self.fault(good + " ") == .syntax(offset: good.utf8.count + 1))
        #expect(Self.fault(good + ",x") == .syntax(offset: good.utf8.count + 2))
        #expect(Self.fault(good + ",x=") == .syntax(offset: good.utf8.count + 3))
        #expect(Self.fault(good + #",x="a"#) == .syntax(offset: good.utf8.count + 5))
        #expect(Self.fault(good + #",x="a\"#) == .syntax(offset: good.utf8.count + 5))
        #expect(Self.fault(good.replacing("origin=", with: "origin =")) == .syntax(offset: 15))
        #expect(Self.fault(good.replacing("X-Matrix ", with: "X-Matrix\t")) == .scheme)
        #expect(Self.fault(good.replacing("X-Matrix ", with: "X-Matrix \t")) == .syntax(offset: 9))
        #expect(Self.fault("X-Matrix ") == .syntax(offset: 9))
        #expect(Self.fault(good.replacing("X-M", with: "x-m")) == .otherScheme)
        #expect(Self.fault("Bearer x") == .otherScheme)
        #expect(Self.fault(good.replacing("a.example", with: "a\0.example")) == .controlCharacter(offset: 18))
        #expect(Self.fault(good + (0..<13).map { ",x\($0)=1" }.joined()) == .tooManyParameters)
        #expect(Self.fault(good + (0..<12).map { ",x\($0)=1" }.joined()) == nil)
    }

    @Test("AC-12 a field with a byte beyond ASCII is malformed, and is answered with 400")
    func notASCII() {
        let text = Self.good.replacing("a.example", with: "\u{430}.example")
        #expect(Self.fault(text) == .notASCII(offset: 17))
        #expect(throws: XMatrixCredentials.Malformed.malformed(.notASCII(offset: 17))) {
            try XMatrixCredentials(parsing: [Array(text.utf8)])
        }
        #expect(XMatrixCredentials.Malformed.malformed(.notASCII(offset: 17)).status == 400)
    }

    @Test("a bad byte is found at every offset of a field, and a tab is none")
    func badBytes() {
        let start = Self.good.utf8.count + 4
        for length in 0..<20 {
            let before = String(repeating: "y", count: length)
            for bad in ["\u{0}", "\u{8}", "\u{A}", "\u{1F}", "\u{7F}"] {
                let text = Self.good + ",x=\"\(before)\(bad)\(before)\""
                #expect(Self.fault(text) == .controlCharacter(offset: start + length))
            }
            #expect(Self.fault(Self.good + ",x=\"\(before)\u{80}\"") == .notASCII(offset: start + length))
            #expect(Self.fault(Self.good + ",x=\"\(before)\t~ \"") == nil)
        }
    }

    @Test("AC-06 a key of another algorithm is malformed, and answered like an unknown key")
    func algorithm() {
        for name in ["rsa:1", "ED25519:1", "curve25519:1", "ed448:1"] {
            #expect(Self.fault(Self.good.replacing("ed25519:1", with: name)) == .key(.algorithm))
        }
        #expect(XMatrixCredentials.Malformed.malformed(.key(.algorithm)).reason == .keyUnknown)
        #expect(XMatrixCredentials.Malformed.malformed(.key(.algorithm)).status == 401)
        #expect(XMatrixCredentials.Malformed.malformed(.key(.version)).status == 400)
        #expect(Self.fault(Self.good.replacing("ed25519:1", with: "ed25519:")) == .key(.version))
    }

    @Test("a signature is 64 bytes of standard base64")
    func signatures() {
        for text in ["", "AAAA", String(repeating: "A", count: 85), Self.signature + "A", Self.signature + "="] {
            #expect(Self.fault(Self.good.replacing(Self.signature, with: text)) == .signature)
        }
        #expect(Self.fault(Self.good.replacing("AAAA\"", with: "AAA-\"")) == .signature)
        #expect(Self.fault(Self.good.replacing(Self.signature, with: Self.signature + "==")) == nil)
        #expect(XMatrixCredentials.Malformed.malformed(.signature).status == 401)
        #expect(XMatrixCredentials.Malformed.malformed(.signature).reason == .signatureInvalid)
    }

    @Test("a destination that is no server name is none of ours")
    func malformedDestination() {
        let fault = Self.fault(Self.good.replacing("b.example", with: "b.example."))
        #expect(fault == .destination(.label(offset: 10)))
        #expect(fault.map { XMatrixCredentials.Malformed.malformed($0).reason } == .destinationMismatch)
        #expect(fault.map { XMatrixCredentials.Malformed.malformed($0).status } == 401)
    }

    @Test("AC-09 several fields are of one origin or refused; schemes other than X-Matrix are passed over")
    func severalFields() throws {
        let one = Array(Self.good.utf8)
        let two = Array(Self.good.replacing("ed25519:1", with: "ed25519:2").utf8)
        let other = Array(Self.good.replacing("a.example", with: "c.example").utf8)
        let bearer = Array("Bearer x".utf8)
        let credentials = try XMatrixCredentials(parsing: [bearer, one, two, bearer])
        #expect(credentials.headers.map { $0.key.text } == ["ed25519:1", "ed25519:2"])
        #expect(throws: XMatrixCredentials.Malformed.multipleOrigins) { try XMatrixCredentials(parsing: [one, other]) }
        #expect(throws: XMatrixCredentials.Malformed.multipleOrigins) {
            try XMatrixCredentials(parsing: [other, one, two])
        }
        #expect(XMatrixCredentials.Malformed.multipleOrigins.status == 400)
        #expect(throws: XMatrixCredentials.Malformed.missing) { try XMatrixCredentials(parsing: [bearer]) }
        #expect(throws: XMatrixCredentials.Malformed.missing) { try XMatrixCredentials(parsing: []) }
        #expect(throws: XMatrixCredentials.Malformed.malformed(.syntax(offset: 16))) {
            try XMatrixCredentials(parsing: [one, Array("X-Matrix origin=".utf8)])
        }
        let many = (0..<9).map { Array(Self.good.replacing("ed25519:1", with: "ed25519:\($0)").utf8) }
        #expect(throws: XMatrixCredentials.Malformed.tooManyFields) { try XMatrixCredentials(parsing: many) }
        #expect(try XMatrixCredentials(parsing: Array(many.dropLast())).headers.count == 8)
    }
}
