// SPDX-License-Identifier: Apache-2.0

import Gateway
import MatrixFederation
import NIOCore
import PolicyEngine
import Testing
import Transport

@Suite("Well-known: Server-Server API, Resolving server names")
struct WellKnownTests {
    private let alpha: ServerName
    private let url = "https://alpha.example/.well-known/matrix/server"

    init() throws { alpha = try ServerName("alpha.example") }

    private func network(_ change: (inout FakeNetwork.World) -> Void = { _ in }) -> FakeNetwork {
        FakeNetwork { world in
            world.addresses = ["alpha.example": ["9.9.9.1"], "www.example": ["9.9.9.2"], "fed.example": ["9.9.9.3"]]
            change(&world)
        }
    }

    @Test("a good answer is read, asked for on port 443 with public trust, few bytes and little time")
    func good() async throws {
        let network = network { $0.delegate("alpha.example", to: "fed.example:8448") }
        let answer = try await network.wellKnown().ask(alpha, now: KeyFixtures.start)
        #expect(answer.delegated.text == "fed.example:8448")
        let request = try #require(network.world.requests.first)
        #expect(request.dial == Dial(address: IPAddress(v4: 0x0909_0901), port: 443))
        #expect(request.certificateName == "alpha.example" && request.host == "alpha.example")
        #expect(request.trust == .web && request.maxBodyBytes == 50 * 1_024 && request.timeout == .seconds(10))
    }

    @Test(
        "redirects within the bounds are followed, relative and absolute (positive control)",
        arguments: [301, 302, 303, 307, 308])
    func follows(status: Int) async throws {
        let network = network { world in
            world.web[url] = .success(.redirect("/a?b=c", status: status))
            world.web["https://alpha.example/a?b=c"] = .success(.redirect("https://www.example/x", status: status))
            world.web["https://www.example/x"] = .success(.redirect("HTTPS://www.example:8448", status: status))
            world.web["https://www.example:8448/"] = .success(.delegation("fed.example"))
        }
        #expect(try await network.wellKnown().ask(alpha, now: KeyFixtures.start).delegated.text == "fed.example")
        #expect(
            network.world.requests.map(\.certificateName) == [
                "alpha.example", "alpha.example", "www.example", "www.example",
            ])
    }

    @Test(
        "AC-48 a redirect anywhere but to https is refused",
        arguments: [
            "http://www.example/", "ftp://www.example/", "//www.example/", "https://user@www.example/",
            "https://user:pw@www.example/", "https:///x", "https://", "https:/www.example", "javascript:1", "", "x",
            "https://www.example /", "https://www.example/\r\nX: y", "https://www.ex\u{00e4}mple/",
            "https:\\\\www.example\\",
            "https://www.example:/", "https://www.example:99999/", "https://[::1/",
            "https://www.example\\@alpha.example/",
        ])
    func badRedirect(location: String) async throws {
        let network = network { $0.web[url] = .success(.redirect(location)) }
        await #expect {
            _ = try await network.wellKnown().ask(alpha, now: KeyFixtures.start)
        } throws: { ($0 as? WellKnownFault)?.reason == .discoveryRedirect }
        #expect(network.world.requests.count == 1)
    }

    @Test("AC-48 loops and more than five redirects are refused")
    func loop() async throws {
        let looping = network { world in
            world.web[url] = .success(.redirect("https://www.example/a"))
            world.web["https://www.example/a"] = .success(.redirect(url))
        }
        await #expect(throws: WellKnownFault.redirect("in a loop")) {
            _ = try await looping.wellKnown().ask(alpha, now: KeyFixtures.start)
        }
        #expect(looping.world.requests.count == 2)
        for (hops, isGood) in [(5, true), (6, false)] {
            let chain = network { world in
                world.web[url] = .success(.redirect("/1"))
                for hop in 1..<hops { world.web["https://alpha.example/\(hop)"] = .success(.redirect("/\(hop + 1)")) }
                world.web["https://alpha.example/\(hops)"] = .success(.delegation("fed.example"))
            }
            let answer = try? await chain.wellKnown().ask(alpha, now: KeyFixtures.start)
            #expect((answer != nil) == isGood, "\(hops) redirects")
            #expect(chain.world.requests.count == 6)
        }
    }

    @Test("AC-48 each hop's address and port are checked")
    func hops() async throws {
        for location in [
            "https://inner.example/", "https://10.0.0.1/", "https://[::1]/", "https://127.1/",
            "https://www.example:22/",
        ] {
            let network = network { world in
                world.web[url] = .success(.redirect(location))
                world.addresses["inner.example"] = ["192.168.0.1"]
                world.addresses["127.1"] = ["9.9.9.9"]
            }
            await #expect {
                _ = try await network.wellKnown().ask(alpha, now: KeyFixtures.start)
            } throws: { error in
                guard case .discovery = error as? WellKnownFault else { return false }
                return true
            }
            #expect(network.world.requests.count == 1, "\(location)")
        }
    }

    @Test(
        "AC-49 what is no JSON object with a server name is not used",
        arguments: [
            "", "{", "[]", "null", "{}", #"{"m.server":1}"#, #"{"m.server":""}"#, #"{"m.server":"a b"}"#,
            #"{"m.server":"ex\u00e4mple"}"#, #"{"m.server":"https://fed.example"}"#,
            #"{"m.server":"fed.example","m.server":"x.example"}"#,
            #"{"m.server":"fed.example:99999"}"#, #"{"m.server":"user@fed.example"}"#, #"{"m.server":"fed.example"} x"#,
            "<html>", #"{"m.server":["fed.example"]}"#, "\u{FEFF}{\"m.server\":\"fed.example\"}",
        ])
    func invalid(body: String) async throws {
        let network = network { $0.web[url] = .success(FetchAnswer(status: 200, body: Array(body.utf8))) }
        await #expect(throws: WellKnownFault.invalid) {
            _ = try await network.wellKnown().ask(alpha, now: KeyFixtures.start)
        }
    }

    @Test("AC-49 a failure only means to go on without", arguments: [404, 500, 200])
    func goesOn(status: Int) async throws {
        let network = network { $0.web[url] = .success(FetchAnswer(status: status, body: [1, 2, 3])) }
        let route = try await network.locator().route(to: alpha)
        #expect(route.hostHeader == "alpha.example")
        #expect(network.world.events.count == 1)
    }

    @Test("AC-49 all redirects together have ten seconds")
    func slow() async throws {
        let network = network { world in
            world.fetchSeconds = 4
            world.web[url] = .success(.redirect("/1"))
            for hop in 1..<5 { world.web["https://alpha.example/\(hop)"] = .success(.redirect("/\(hop + 1)")) }
            world.web["https://alpha.example/5"] = .success(.delegation("fed.example"))
        }
        await #expect(throws: WellKnownFault.exchange(.timeout)) {
            _ = try await network.wellKnown().ask(alpha, now: KeyFixtures.start)
        }
        #expect(network.world.requests.map(\.timeout) == [.seconds(10), .seconds(6), .seconds(2)])
    }

    @Test(
        "AC-49 an answer is kept between five minutes and 48 hours",
        arguments: [
            ("no-store", 300), ("max-age=0", 300), ("max-age=3600", 3_600), ("max-age=31536000", 172_800), ("", 86_400),
        ])
    func kept(header: String, seconds: Int64) async throws {
        let network = network { world in
            world.web[url] = .success(.delegation("fed.example", header.isEmpty ? [] : [("cache-control", header)]))
        }
        let locator = network.locator()
        _ = try await locator.route(to: alpha)
        let early = seconds * 1_000 * 4 / 5 - 1
        network.change { $0.milliseconds += early }
        _ = try await locator.route(to: alpha)
        #expect(network.world.requests.count == 1)
        network.change { $0.milliseconds += seconds * 1_000 - early }
        _ = try await locator.route(to: alpha)
        #expect(network.world.requests.count == 2)
    }

    @Test("AC-49 failures are remembered for a growing time, one hour at most")
    func failures() async throws {
        let network = network()
        let locator = network.locator()
        var asked: [Int64] = []
        for minute in 0..<(6 * 60) {
            let before = network.world.requests.count
            _ = try await locator.route(to: alpha)
            if network.world.requests.count > before { asked.append(Int64(minute)) }
            network.change { $0.milliseconds += 60_000 }
        }
        let pauses = zip(asked.dropFirst(), asked).map { $0 - $1 }
        #expect(pauses.first.map { $0 <= 5 } == true)
        #expect(pauses == pauses.sorted() && pauses.last == 60)
    }
}
