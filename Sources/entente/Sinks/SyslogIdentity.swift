// SPDX-License-Identifier: Apache-2.0

internal import Gateway
internal import Transport

/// What connections to one receiver are made from. The files are read for each connection, so what replaces them counts from
/// the next one on; while they stay the same, so do the sessions.
struct SyslogIdentity: Sendable {
    private static let maxFileBytes = 1 << 20

    private struct Files: Hashable {
        let chain: [UInt8]
        let key: [UInt8]
        let roots: [UInt8]
    }

    private var files: Files?
    private var context: TLSClientContext?

    /// Reads files: may block.
    ///
    /// - Throws: what is wrong with them, in words.
    mutating func context(of receiver: SinkSettings.Receiver) throws(Fault) -> TLSClientContext {
        let found = Files(
            chain: try Self.read(receiver.chainFile), key: try Self.read(receiver.keyFile),
            roots: try Self.read(receiver.rootsFile))
        if let context, files == found { return context }
        do throws(OpenSSLFault) {
            var tls = TLSClientConfiguration()
            tls.applicationProtocols = []
            tls.roots = .pem(found.roots)
            tls.identity = try TLSIdentity(certificates: found.chain, key: found.key)
            let new = try TLSClientContext(tls)
            (files, context) = (found, new)
            return new
        } catch {
            let names = [receiver.chainFile, receiver.keyFile, receiver.rootsFile].joined(separator: ", ")
            throw Fault(what: "\(names): \(error)")
        }
    }

    struct Fault: Error {
        let what: String
    }

    private static func read(_ file: String) throws(Fault) -> [UInt8] {
        do throws(FileBytes.Failure) {
            return try FileBytes.read(file, limit: maxFileBytes)
        } catch {
            throw Fault(what: "\(error)")
        }
    }
}
