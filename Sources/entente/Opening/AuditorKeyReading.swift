// SPDX-License-Identifier: Apache-2.0

internal import ArgumentParser
internal import MatrixFederation
internal import PolicyEngine

/// An auditor's key from its file, or from the two files of its shares.
struct AuditorKeyReading {
    private let files: [(path: String, file: AuditorKeyFile)]

    static let meanwhile = "nothing was opened"

    var recipient: SealRecipient { files[0].file.recipient }

    /// - Parameter paths: one or two.
    /// - Throws: what the command ends with, after it has said why.
    init(_ paths: [String]) throws {
        files = try paths.map { ($0, try Self.read($0)) }
        let parts = files.map(\.file.part)
        let shares: [AuditorKeyFile.Part] = [.first, .second]
        if parts == [.whole] { return }
        let name = files.first.map { "\($0.path): share \($0.file.part.rawValue)" } ?? "no key"
        guard parts.count == 2 else {
            throw Ending.cannotRun(
                "\(name), which opens nothing alone; \(Self.meanwhile); name the other one with a second `--key`")
        }
        guard Set(parts) == Set(shares) else {
            throw Ending.cannotRun(
                "\(files[1].path): with \(files[0].path) it makes no two shares of a key; \(Self.meanwhile); "
                    + "name one whole key, or share 1 of 2 and share 2 of 2")
        }
        guard files[0].file.recipient == files[1].file.recipient else {
            throw Ending.cannotRun(
                "\(files[1].path): a share of \(files[1].file.recipient.text), the other one is of "
                    + "\(files[0].file.recipient.text); \(Self.meanwhile); name two shares of one key")
        }
    }

    /// - Parameter passphrases: files with them, in the order of the keys; none: the terminal is asked.
    /// - Throws: what the command ends with, after it has said why.
    func unlock(_ passphrases: [String]) throws -> AuditorKey {
        var secrets: [AuditorKeyFile.Part: SecretKey] = [:]
        for (index, (path, file)) in files.enumerated() {
            let from = index < passphrases.count ? passphrases[index] : nil
            let passphrase = try PassphraseOptions.read("pass-phrase of \(path): ", Self.meanwhile, from: from)
            guard let secret = file.unlock(with: passphrase) else {
                throw refused("\(path): does not open", "the pass-phrase is wrong, or the file was altered")
            }
            secrets[file.part] = secret
        }
        let key: AuditorKey? =
            if let whole = secrets[.whole] {
                AuditorKey(whole)
            } else if let first = secrets[.first], let second = secrets[.second] {
                AuditorKey(first, second, of: recipient)
            } else {
                nil
            }
        guard let key, key.recipient == recipient else {
            throw refused("\(files[0].path): makes another key than it says", "take the files from another copy")
        }
        return key
    }

    private static func read(_ path: String) throws -> AuditorKeyFile {
        let todo = "name a key made by `entente keygen auditor`"
        let bytes: [UInt8]
        do throws(FileBytes.Failure) {
            bytes = try FileBytes.read(path, limit: AuditorKeyFile.maxBytes)
        } catch {
            throw Ending.cannotRun("\(error); \(meanwhile); \(todo)")
        }
        do throws(MalformedLines) {
            return try AuditorKeyFile(parsing: bytes)
        } catch {
            throw Ending.cannotRun(
                "\(path)\(error.line > 0 ? ":\(error.line)" : ""): \(error.what); \(meanwhile); \(todo)")
        }
    }

    private func refused(_ what: String, _ todo: String) -> ExitCode {
        Terminal.complain("\(what); \(Self.meanwhile); \(todo)")
        return Ending.refused
    }
}
