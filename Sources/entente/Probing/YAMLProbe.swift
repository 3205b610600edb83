// SPDX-License-Identifier: Apache-2.0

internal import ArgumentParser
internal import PolicyEngine

/// `entente probe yaml`: the reader of policies and configurations.
enum YAMLProbe {
    enum Form: String, CaseIterable, ExpressibleByArgument { case policy, configuration }

    /// - Parameter form: what the document must be beyond YAML; `nil`: anything.
    static func read(_ bytes: [UInt8], file: String, as form: Form?) -> ProbeAnswer {
        do throws(YAMLFault) {
            let root = try YAMLDocument.read(bytes)
            guard let form else {
                return ProbeAnswer(lines: [kind(root)], members: [("kind", .text(kind(root)))])
            }
            return faults(bytes, file, form)
        } catch {
            let place = error.place
            let here = place.line > 0 ? "\(place.line):\(place.column): " : ""
            return .refused(
                .init(
                    reason: "yaml", text: "\(here)\(error.what); \(error.todo)",
                    members: [("line", .number(place.line)), ("column", .number(place.column))]))
        }
    }

    private static func faults(_ bytes: [UInt8], _ file: String, _ form: Form) -> ProbeAnswer {
        var diagnostics: [Diagnostic] = []
        do {
            switch form {
            case .policy: _ = try Policy.compile(bytes, fileName: file)
            case .configuration: _ = try Configuration.decode(bytes, file: file)
            }
        } catch let errors as PolicyErrors {
            diagnostics = errors.diagnostics
        } catch let errors as ConfigurationErrors {
            diagnostics = errors.diagnostics
        } catch {
            return .refused(.init(reason: form.rawValue, text: "\(error)"))
        }
        guard let first = diagnostics.first else { return ProbeAnswer(lines: ["a \(form.rawValue)"]) }
        var answer = ProbeAnswer.refused(
            .init(
                reason: form.rawValue,
                text: diagnostics.count > 1 ? "\(diagnostics.count) errors" : "\(first.what); \(first.todo)",
                members: [("errors", .list(diagnostics.map(\.json)))]))
        answer.lines = diagnostics.map(\.description)
        return answer
    }

    private static func kind(_ node: YAMLNode) -> String {
        switch node.content {
        case .scalar: "scalar"
        case .sequence: "sequence"
        case .mapping: "mapping"
        }
    }
}

extension Diagnostic {
    var json: JSONValue {
        .object([
            ("file", .text(file)), ("line", .number(line)), ("column", .number(column)), ("what", .text(what)),
            ("meanwhile", .text(meanwhile)), ("todo", .text(todo)),
        ])
    }
}
