// SPDX-License-Identifier: Apache-2.0

internal import ArgumentParser
internal import MatrixFederation
internal import PolicyEngine
internal import Transport

/// A command's end of the control socket.
struct ControlConnection {
    /// The node's name, from its configuration.
    let node: String
    private let path: String

    static let meanwhile = "nothing was changed"

    /// - Throws: what the command ends with, after it has said why.
    init(configuration file: String) throws {
        let configuration: Configuration
        do {
            configuration = try Configuration.load(file)
        } catch let error as FileBytes.Failure {
            throw Ending.cannotRun("\(error); \(Self.meanwhile); name the node's configuration with `--config`")
        } catch {
            throw Ending.cannotRun("\(error)")
        }
        guard let path = configuration.controlSocket else {
            throw Ending.cannotRun(
                "\(file): the node has no control socket; \(Self.meanwhile); add `control: { socket: PATH }` and restart it"
            )
        }
        node = configuration.node
        self.path = path
    }

    /// - Throws: what the command ends with, after it has said why.
    func ask(_ request: ControlRequest) throws -> JSONDocument {
        let line: [UInt8]
        do throws(LocalClient.Failure) {
            line = try LocalClient.ask(request.line, at: path)
        } catch {
            let todo =
                error.isAbsent
                ? "start the gateway; a lockdown that was in force is in force again when it runs"
                : "run this as the gateway's user or as root; ask `entente lockdown status` what is in force"
            throw Ending.cannotRun(
                "\(path): \(error.what); \(error.isAbsent ? Self.meanwhile : "it may be done or not"); \(todo)")
        }
        guard let answer = try? JSONDocument(reading: line), let ok = answer.member("ok", of: answer.root) else {
            throw Ending.cannotRun(
                "\(path): the answer is none of a gateway; it may be done or not; see what listens there")
        }
        guard answer.kind(ok) == .true else {
            let errors = answer.member("errors", of: answer.root).map { answer.elements(of: $0) }
            for error in errors.map(Array.init) ?? [] { Terminal.complain(answer.string(error) ?? "") }
            throw Ending.refused
        }
        return answer
    }
}

extension JSONDocument {
    func text(_ name: String, of node: Node? = nil) -> String {
        member(name, of: node ?? root).flatMap { string($0) } ?? ""
    }

    func number(_ name: String, of node: Node? = nil) -> Int64? {
        member(name, of: node ?? root).flatMap { integer($0) }
    }

    func list(_ name: String) -> [Node] { member(name, of: root).map { Array(elements(of: $0)) } ?? [] }

    func texts(_ name: String) -> [String] { list(name).compactMap { string($0) } }

    func isTrue(_ name: String) -> Bool { member(name, of: root).map { kind($0) == .true } ?? false }
}
