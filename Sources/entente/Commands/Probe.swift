// SPDX-License-Identifier: Apache-2.0

internal import ArgumentParser
internal import MatrixFederation
internal import PolicyEngine
internal import Transport

/// `entente probe …`: one of the strict readers on some bytes, exactly as the gateway uses it.
struct Probe: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Say whether one of the gateway's readers accepts some bytes, and why not.",
        discussion: "Ends with 0 if they are accepted, 1 if they are refused, 2 if they cannot be read at all.",
        subcommands: [
            ProbeJSON.self, ProbeCanonicalJSON.self, ProbeYAML.self, ProbeXMatrix.self, ProbeHTTP.self,
            ProbeCertificate.self,
        ])
}

/// What all of them read and how they answer.
struct ProbeInput: ParsableArguments {
    @Argument(help: ArgumentHelp("What to read; `-` is standard input.", valueName: "file"))
    var file = "-"

    @Flag(help: "Answer with one line of JSON.")
    var json = false

    /// At most `limit` bytes and one more, so that the reader itself says what is too much.
    func bytes(limit: Int) throws -> [UInt8] {
        do throws(FileBytes.Failure) {
            return try FileBytes.readBeyond(file, limit: limit)
        } catch {
            throw Ending.cannotRun("\(error)")
        }
    }
}

struct ProbeJSON: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "json", abstract: "Read a body: any JSON value, or what a request's body must be.")

    @OptionGroup var input: ProbeInput

    @Flag(help: "Demand what the body of a request must be: an object whose numbers canonical JSON has.")
    var object = false

    @Flag(help: "Demand an object; numbers may be those of events of old room versions.")
    var transaction = false

    func run() throws {
        let demand: JSONProbe.Demand = object ? .object : transaction ? .transaction : .value
        try JSONProbe.read(input.bytes(limit: JSONProbe.maxBytes), demand).finish(asJSON: input.json)
    }
}

struct ProbeCanonicalJSON: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "canonical-json", abstract: "Print the canonical form of a JSON text.",
        discussion: "By the rules of room version 6 and later: integers within ±(2^53−1) only.")

    @OptionGroup var input: ProbeInput

    func run() throws {
        try JSONProbe.canonical(input.bytes(limit: JSONProbe.maxBytes)).finish(asJSON: input.json)
    }
}

struct ProbeYAML: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "yaml", abstract: "Read a YAML file as policies and configurations are read.")

    @OptionGroup var input: ProbeInput

    @Option(name: .customLong("as"), help: "What the document must be: `policy` or `configuration`.")
    var form: YAMLProbe.Form?

    func run() throws {
        let bytes = try input.bytes(limit: YAMLDocument.maxBytes)
        try YAMLProbe.read(bytes, file: input.file, as: form).finish(asJSON: input.json)
    }
}

struct ProbeXMatrix: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "x-matrix", abstract: "Read the Authorization fields of one request.",
        discussion: "One field value a line, without `Authorization:`. The signature is never printed.")

    @OptionGroup var input: ProbeInput

    func run() throws {
        try XMatrixProbe.read(input.bytes(limit: XMatrixProbe.maxBytes)).finish(asJSON: input.json)
    }
}

struct ProbeHTTP: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "http", abstract: "Read a stream of HTTP requests as it would come over a connection.")

    @OptionGroup var input: ProbeInput

    @Flag(help: "Read answers, as from a homeserver, instead of requests.")
    var response = false

    func run() throws {
        let bytes = try input.bytes(limit: HTTPProbe.maxBytes)
        guard bytes.count <= HTTPProbe.maxBytes else {
            throw Ending.cannotRun("\(input.file): is larger than \(HTTPProbe.maxBytes) bytes")
        }
        try (response ? HTTPProbe.responses(bytes) : HTTPProbe.requests(bytes)).finish(asJSON: input.json)
    }
}

struct ProbeCertificate: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "certificate", abstract: "Verify a server's certificate chain (PEM, the server's own first).")

    @OptionGroup var input: ProbeInput

    @Option(help: ArgumentHelp("PEM file of the trusted authorities, or `system`.", valueName: "file"))
    var roots = "system"

    @Option(help: ArgumentHelp("The host name or address that it must cover.", valueName: "name"))
    var host: String

    @Option(help: ArgumentHelp("When it must be valid, as `2026-07-01T09:30:00Z`; now without it.", valueName: "time"))
    var time: String?

    @Option(help: ArgumentHelp("Public keys of which it must have one, as `sha256/BASE64`.", valueName: "pin"))
    var pin: [String] = []

    func run() throws {
        let probe = CertificateProbe(
            roots: try trusted(), host: try certificateName(), time: try seconds(), pins: try pins())
        let bytes = try input.bytes(limit: CertificateProbe.maxBytes)
        let answer: ProbeAnswer
        do throws(OpenSSLFault) {
            answer = try probe.read(bytes)
        } catch {
            throw Ending.cannotRun("\(error); nothing was verified; check `--roots` and `--host`")
        }
        try answer.finish(asJSON: input.json)
    }

    private func trusted() throws -> TrustRoots {
        guard roots != "system" else { return .system }
        do throws(FileBytes.Failure) {
            return .pem(try FileBytes.read(roots, limit: CertificateProbe.maxBytes))
        } catch {
            throw Ending.cannotRun("\(error)")
        }
    }

    private func certificateName() throws -> String {
        guard let name = try? ServerName(host), name.port == nil else {
            throw ValidationError("--host \(quoted(host)) is no host name or address; write it without a port")
        }
        return host
    }

    private func seconds() throws -> Int64? {
        guard let time else { return nil }
        guard let seconds = RFC3339Time.seconds(time) else {
            throw ValidationError("--time \(quoted(time)) is no time; write it like `2026-07-01T09:30:00Z`")
        }
        return seconds
    }

    private func pins() throws -> Set<SPKIHash> {
        var hashes: Set<SPKIHash> = []
        for text in pin {
            guard let hash = PinText.hash(text) else {
                throw ValidationError("--pin \(quoted(text)) is no pin; write `sha256/` and 32 bytes in base64")
            }
            hashes.insert(hash)
        }
        return hashes
    }
}
