// SPDX-License-Identifier: Apache-2.0

internal import MatrixFederation

/// Finds exceptions that allow what the tiers allow anyway, or refuse what they refuse anyway.
struct ExceptionLint {
    let definitions: [ExceptionDefinition]
    let exceptions: [CompiledException]
    let tiers: [CompiledTier]
    let servers: [CompiledServer]

    func warn(_ diagnostics: Diagnostics) {
        var concerned = [Set<Int>](repeating: [], count: exceptions.count)
        let index = ExceptionIndex(exceptions)
        for server in servers {
            for exception in index.exceptions(of: server) { concerned[exception].insert(server.tier) }
        }
        for (exception, concerned) in zip(exceptions, concerned) where !changesSomething(exception, of: concerned) {
            guard let definition = definitions.first(where: { $0.id.value == exception.id }) else { continue }
            diagnostics.warning(
                at: definition.id.place, "the exception \(quoted(exception.id)) changes nothing",
                meanwhile: "what it allows or refuses is so by the tier already",
                todo: "remove it, or look whether its classes, direction and ends are the ones that are meant")
        }
    }

    private func changesSomething(_ exception: CompiledException, of concerned: Set<Int>) -> Bool {
        if !exception.media.isEmpty { return true }
        return changesClasses(exception, of: concerned)
    }

    private func changesClasses(_ exception: CompiledException, of concerned: Set<Int>) -> Bool {
        concerned.contains { tier in
            Direction.allCases.contains { direction in
                EndpointClass.allCases.contains { endpointClass in
                    tiers[tier].allows(endpointClass, direction)
                        ? exception.refuses(endpointClass, direction) : exception.allows(endpointClass, direction)
                }
            }
        }
    }
}
