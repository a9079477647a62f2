using Tieline.Server.Tests.Running;

namespace Tieline.Server.Tests.Api;

/// <summary>From the table of routes: what is between two people is told to nobody else, whatever is asked.</summary>
public sealed class StrangerTests : TwoPeople
{
    private const string Secret = "xyzzyplugh";

    [Fact]
    public async Task Another_persons_token_gets_nothing_of_it_on_any_route_and_changes_nothing()
    {
        var eve = await Server.AddPersonAsync("eve");
        var ack = await Ada.SendAsync(Bob, $"{Secret} one");
        var (conversation, id) = (ack.GetProperty("conversation").GetString()!, ack.GetProperty("id").GetString()!);
        var before = await ViewAsync();
        var asked = 0;

        foreach (var (path, methods) in Server.Routes.Where(route => route.Path != "/api/chat/stream"))
        {
            foreach (var method in methods.Count == 0 ? ["GET"] : methods)
            {
                foreach (var user in (string[])["ada", "bob", conversation])
                {
                    var target = path.Replace("{**rest}", conversation, StringComparison.Ordinal);
                    foreach (var command in path.Contains("{command}", StringComparison.Ordinal) ? Commands() : [""])
                    {
                        var address = Fill(target, user, command) + $"?conversation={conversation}&q={Secret}&from=ada&id={id}&users=ada,bob&since={Server.Store.Epoch}.0&before_seq=9";
                        var body = $$"""{"conversation":"{{conversation}}","id":"{{id}}","user":"ada","seq":1,"pos":0,"since":"{{Server.Store.Epoch}}.0","client_id":"e{{++asked}}","message":"from eve","emoji":"🎉","on":true,"for":"all","seconds":3600,"forward_of":"{{id}}","reply_to":"{{id}}","role":"owner","code":"x","members":[]}""";
                        var answer = await Answer.ToAsync(eve, method, address, method == "GET" ? null : body);
                        answer.Text.ShouldNotContain(Secret, Case.Sensitive, $"{method} {path} {command}");
                        answer.Status.ShouldNotBe(500, $"{method} {path} {command}");
                    }
                }
            }
        }

        (await ViewAsync()).ShouldBe(before);
        asked.ShouldBeGreaterThan(100);
    }

    [Fact]
    public async Task Without_a_token_or_with_a_bad_one_there_is_nothing()
    {
        foreach (var operation in ApiDocument.Operations.Where(operation => operation.NeedsToken && operation.Path != "/api/chat/ws/{userId}"))
        {
            foreach (var token in (string?[])[null, "x", Ada.Token[..^3] + "abc"])
            {
                var answer = await Answer.ToAsync(Server, operation.Method, Fill(operation.Path, "bob", "ping"), token, operation.Method == "POST" ? new StringContent("{}") : null);
                answer.Status.ShouldBe(401, $"{operation}");
                answer.Header("X-Tieline").ShouldNotBeNull();
            }
        }
    }

    private static IEnumerable<string> Commands() => ApiDocument.Operations.Single(operation => operation.Path.EndsWith("/v2/{command}", StringComparison.Ordinal))
        .Parameters.First().GetProperty("schema").GetProperty("enum").EnumerateArray().Select(command => command.GetString()!);

    private static string Fill(string path, string user, string command) => System.Text.RegularExpressions.Regex.Replace(path, @"\{(\w+)\}",
        name => name.Groups[1].Value == "command" ? command : Uri.EscapeDataString(user));

    /// <summary>What the two see of their chat.</summary>
    private async Task<string> ViewAsync()
    {
        var views = new List<string>();
        foreach (var (who, other) in ((Person, string)[])[(Ada, "bob"), (Bob, "ada")])
        {
            views.Add((await Answer.ToAsync(who, "GET", $"/api/chat/conversation/{other}")).Text);
            var list = (await who.GetAsync("/api/chat/conversations")).Body.GetProperty("conversations").EnumerateArray();
            views.Add(string.Join('\n', list.Where(chat => chat.GetProperty("user").GetProperty("id").GetString() == other).Select(chat => chat.GetRawText())));
        }

        return string.Join('\n', views);
    }
}
