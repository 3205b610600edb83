// SPDX-License-Identifier: Apache-2.0

internal import PolicyEngine

/// How the gateway itself reaches other servers, to ask for their keys.
struct FederationSettings: Sendable {
    /// PEM file of the authorities that may vouch for other servers; `nil` for the system's.
    var rootsFile: String?
    /// Ranges in CIDR notation that may be dialled although they are private.
    var allowedAddresses: [String] = []
    var allowedPorts: [Int] = [443, 8448]
    var allowsIPLiterals = false

    init() {}

    init?(_ mapping: MappingDecoder, _ paths: FilePaths) {
        let roots: String?? = mapping.optional("roots", default: String?.none) { value -> String?? in
            guard let text = value.text else { return nil }
            return .some(text == "system" ? nil : paths.path(value))
        }
        let addresses = mapping.optional("allow_addresses", default: []) { $0.list { $0.text } }
        let ports = mapping.optional("allow_ports", default: [443, 8448]) { $0.list { $0.int(in: 1...65535) } }
        let literals = mapping.optional("allow_ip_literals", default: false) { $0.boolean }
        guard let roots, let addresses, let ports, let literals else { return nil }
        rootsFile = roots
        allowedAddresses = addresses
        allowedPorts = ports
        allowsIPLiterals = literals
    }
}
