// SPDX-License-Identifier: Apache-2.0

internal import ArgumentParser

/// `entente schema`: what a policy file, or a record, may hold.
struct Schema: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Print the JSON Schema of policy files, or of audit records.",
        discussion: """
            Of policy files: for editors that complete and check YAML while it is written; `entente check` has the last word. \
            Of records: for whoever reads them with programs of their own.
            """)

    @Flag(help: "The schema of audit records.")
    var record = false

    func run() throws { print((record ? RecordSchema.json : PolicySchema.json).indented) }
}
