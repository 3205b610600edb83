// SPDX-License-Identifier: Apache-2.0

internal import ArgumentParser
internal import Audit
internal import Glibc

/// `entente witness …`: stands beside the logs of others, and says that they never go back.
struct Witness: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Watch logs of others: cosign what only grows.",
        subcommands: [WitnessServe.self, WitnessRequest.self, WitnessSign.self, WitnessKeep.self])
}

/// Which witness it is, and which logs it watches.
struct WitnessOptions: ParsableArguments {
    @Option(help: ArgumentHelp("The witness's secret key, from `entente keygen witness`.", valueName: "file"))
    var key: String

    @Option(
        help: ArgumentHelp(
            "Where the last checkpoint of each log is remembered. To lose it is to forget what was cosigned.",
            valueName: "dir"))
    var state: String

    @Option(
        help: ArgumentHelp(
            "The public key of a log to watch, as NAME+ID+KEY or as a file with that in it. May be given several times.",
            valueName: "vkey"))
    var trust: [String]

    func ledger() throws -> WitnessLedger {
        let logs = try trust.map { try LogOptions.noteKey($0) }
        let secret = try secretKey()
        do throws(WitnessLedger.Fault) {
            return try WitnessLedger(key: secret, logs: logs, directory: state) { Int64(time(nil)) }
        } catch {
            throw Ending.cannotRun(
                "\(state): \(error); nothing is cosigned; put the directory back as it was, or end the other process")
        }
    }

    private func secretKey() throws -> WitnessKey {
        var bytes: [UInt8]
        do throws(FileBytes.Failure) {
            bytes = try FileBytes.read(key, limit: 4096)
        } catch {
            throw Ending.cannotRun("\(error); nothing is cosigned; make a key with `entente keygen witness`")
        }
        defer { for index in bytes.indices { bytes[index] = 0 } }
        guard let secret = try? WitnessKey(parsing: String(decoding: bytes, as: UTF8.self)) else {
            throw Ending.cannotRun(
                "\(key): it is no key of a witness; nothing is cosigned; make one with `entente keygen witness`")
        }
        return secret
    }
}

extension CosignerKey {
    /// A witness's public key as it is, or the file that has it.
    static func read(_ text: String) throws -> CosignerKey {
        if let key = try? CosignerKey(parsing: text) { return key }
        let bytes: [UInt8]
        do throws(FileBytes.Failure) {
            bytes = try FileBytes.read(text, limit: 4096)
        } catch {
            throw Ending.cannotRun("\(error); nothing was done; name the witness's public key, or a file with it")
        }
        guard let key = try? CosignerKey(parsing: String(decoding: bytes, as: UTF8.self)) else {
            throw Ending.cannotRun(
                "\(text): it is no public key of a witness; nothing was done; name it as NAME+ID+KEY, or a file with it"
            )
        }
        return key
    }
}
