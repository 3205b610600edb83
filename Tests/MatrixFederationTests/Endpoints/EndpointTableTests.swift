// SPDX-License-Identifier: Apache-2.0

import MatrixFederation
import TestKit
import Testing

@Suite("The endpoint table against the list of all known endpoints", .enabled(if: Shared.isPresent))
struct EndpointTableTests {
    /// Listed endpoints that never pass and so are unknown on purpose (AC-74).
    static let neverPass: Set<String> = [
        "appservice_proxy_unstable", "query_auth", "peek_msc2444", "event_relationships_msc2836",
    ]

    struct Listed {
        var id = ""
        var method = ""
        var path = ""
        var authentication = ""
    }

    static func listed() throws -> [Listed] {
        let text = String(decoding: try Shared.bytes("spec/endpoints.yaml"), as: UTF8.self)
        guard let start = text.firstRange(of: "\nendpoints:") else { return [] }
        var entries: [Listed] = []
        for line in text[start.upperBound...].split(separator: "\n") {
            func value(_ key: String) -> String? {
                guard line.hasPrefix(key) else { return nil }
                return String(line.dropFirst(key.count).trimmingPrefix(" ")).replacing("\"", with: "")
            }
            if let id = value("- id:") { entries.append(Listed(id: id)) }
            guard !entries.isEmpty else { continue }
            if let method = value("  method:") { entries[entries.count - 1].method = method }
            if let path = value("  path:") { entries[entries.count - 1].path = path }
            if let auth = value("  auth:") { entries[entries.count - 1].authentication = auth }
        }
        return entries
    }

    /// The shorthand `{r0|v1|v3}` and `[/{fileName}]` written out.
    static func templates(_ path: String) -> Set<String> {
        guard path.contains("{r0|v1|v3}") else { return [path] }
        let forms = ["r0", "v1", "v3"].map { path.replacing("{r0|v1|v3}", with: $0) }
        return Set(
            forms.flatMap { form in
                [form.replacing("[/{fileName}]", with: ""), form.replacing("[/{fileName}]", with: "/{fileName}")]
            })
    }

    @Test("holds every listed endpoint with its method, path and authentication")
    func holdsAll() throws {
        let listed = try Self.listed()
        #expect(listed.count > 45)
        for entry in listed where !Self.neverPass.contains(entry.id) {
            let endpoint = try #require(Endpoints.all.first { $0.id == entry.id }, "\(entry.id) is missing")
            #expect(endpoint.method.rawValue == entry.method, "\(entry.id)")
            #expect(Set(endpoint.pathTemplates) == Self.templates(entry.path), "\(entry.id)")
            #expect(endpoint.authentication.rawValue == entry.authentication, "\(entry.id)")
        }
    }

    @Test("holds nothing else, and no id twice")
    func holdsNothingElse() throws {
        let ids = Set(try Self.listed().map(\.id)).subtracting(Self.neverPass)
        #expect(Set(Endpoints.all.map(\.id)) == ids)
        #expect(Endpoints.all.count == ids.count)
    }
}

@Suite("The endpoint table by itself")
struct EndpointTableShapeTests {
    @Test("finds every endpoint by an example of each of its templates", arguments: Endpoints.all)
    func findsEach(endpoint: Endpoint) throws {
        for template in endpoint.pathTemplates {
            let path = template.split(separator: "/").map { $0.first == "{" ? "x" : String($0) }
            let match = try Routing.match(endpoint.method.rawValue, "/" + path.joined(separator: "/"))
            guard case .endpoint(let found, let parameters) = match else {
                Issue.record("\(template) is not found")
                continue
            }
            #expect(found == endpoint)
            for name in PathParameters.Name.allCases {
                #expect((parameters.segment(of: name) != nil) == template.contains("{\(name.rawValue)}"))
            }
        }
    }

    @Test("reads no body on GET, and 12.5 MiB at most elsewhere")
    func bodies() {
        for endpoint in Endpoints.all {
            #expect((endpoint.method == .get) == (endpoint.maxBodyBytes == 0), "\(endpoint.id)")
            #expect(endpoint.maxBodyBytes <= 13_107_200)
            #expect((endpoint.requestBody == .none) == (endpoint.maxBodyBytes == 0))
        }
    }

    @Test("gives every class at least one endpoint, and only unknown queries none")
    func classes() {
        #expect(Set(Endpoints.all.compactMap(\.endpointClass)) == Set(EndpointClass.allCases))
        #expect(Endpoints.all.filter { $0.endpointClass == nil }.map(\.id) == ["query_generic"])
    }
}
