// SPDX-License-Identifier: Apache-2.0

internal import MatrixFederation
internal import PolicyEngine

/// An act that is made, signed and handed in by commands, as a file between them.
protocol FiledAct: SignedAct {
    /// The command that has `sign` and `submit` of it.
    static var command: String { get }
    /// How messages call one.
    static var noun: String { get }
    /// What is signed, for people to compare.
    var description: [String] { get }
}

extension FiledAct {
    /// Who is said to have signed; whether it counts only the node knows.
    var names: String { signatures.map(\.officer).sorted().map(\.text).joined(separator: ", ") }

    init(readingFrom path: String) throws {
        let bytes: [UInt8]
        do throws(FileBytes.Failure) {
            bytes = try FileBytes.read(path, limit: Self.maxBytes)
        } catch {
            throw Ending.cannotRun("\(error); nothing was changed; name \(Self.noun) made with `--act FILE`")
        }
        do throws(MalformedLines) {
            try self.init(parsing: bytes)
        } catch {
            throw Ending.cannotRun(
                "\(path)\(error.line > 0 ? ":\(error.line)" : ""): \(error.what); nothing was changed; "
                    + "name \(Self.noun) made with `--act FILE`")
        }
    }

    /// Writes it for others to sign. One that lies there already may have been signed: it is not replaced.
    ///
    /// - Parameter need: so many signatures will be asked for.
    func create(at path: String, need: Int64) throws {
        do throws(SecretFile.Failure) {
            try SecretFile.create(path, bytes)
        } catch {
            throw Ending.cannotRun(error.description.replacing("no key was made", with: "nothing was changed"))
        }
        let missing = Int(need) - signatures.count
        Terminal.say("\(path) is written; nothing is changed yet")
        if missing > 0 {
            Terminal.say(
                "\(missing) more officer\(missing == 1 ? "" : "s") must sign: "
                    + "`entente \(Self.command) sign \(path) --officer-key KEY`")
        }
        Terminal.say("then hand it in: `entente \(Self.command) submit \(path)`")
    }

    /// Puts signatures into the file in which it lies.
    static func sign(_ path: String, _ signing: ActSigning) throws {
        let act = try signing.sign(try Self(readingFrom: path))
        do throws(WholeFile.Failure) {
            try WholeFile.put(act.bytes, at: path)
        } catch {
            throw Ending.cannotRun("\(error.description); nothing was signed; see to the directory and its rights")
        }
        Terminal.say("\(path) is signed by \(act.names); hand it in: `entente \(command) submit \(path)`")
    }
}

extension JSONDocument {
    /// Who signed, as a gateway answers it to an act that it took.
    var signedBy: String {
        isTrue("unsigned")
            ? "nobody signed: this node asks for no signatures"
            : "signed by \(texts("signed_by").joined(separator: ", "))"
    }
}
