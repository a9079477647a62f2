using System.Text.Json;
using Tieline.Server.Tests.Running;

namespace Tieline.Server.Tests.Api;

/// <summary>The API is what its document says: no route without its line, no line without its route.</summary>
public sealed class DocumentTests : TwoPeople
{
    [Fact]
    public void Every_route_is_documented_and_every_documented_one_is_mapped()
    {
        var mapped = Server.Routes.Where(route => !route.Path.Contains("**", StringComparison.Ordinal))
            .SelectMany(route => (route.Methods.Count == 0 ? ["GET"] : route.Methods).Select(method => $"{method} {route.Path}")).ToHashSet();
        var documented = ApiDocument.Operations.Select(operation => operation.ToString()).ToHashSet();

        mapped.Except(documented).ShouldBeEmpty("These routes are mapped but not described: add each under paths in protocol/openapi.json, with summary, tags, parameters, requestBody, every status it can answer, and security ([] for no token).");
        documented.Except(mapped).ShouldBeEmpty("These are described in protocol/openapi.json but mapped nowhere: take them out, or map them.");
    }

    [Fact]
    public void Every_command_with_a_golden_frame_is_a_documented_command()
    {
        var commands = ApiDocument.Operations.Single(operation => operation.Path.EndsWith("/v2/{command}", StringComparison.Ordinal))
            .Parameters.First().GetProperty("schema").GetProperty("enum").EnumerateArray().Select(command => command.GetString()).ToHashSet();
        var schemas = ApiDocument.Root.GetProperty("components").GetProperty("schemas");
        var golden = Directory.GetFiles(ApiDocument.Find("frames"), "client-*.json").Select(file => JsonDocument.Parse(File.ReadAllText(file)).RootElement)
            .Where(file => file.GetProperty("v").GetInt32() == 2).Select(file => (Type: file.GetProperty("type").GetString()!, Frame: file.GetProperty("frame"))).ToList();

        golden.Select(file => file.Type).Distinct().Except(commands!).ShouldBeEmpty("Add each of these to the enum of {command} at /api/chat/v2/{command} in protocol/openapi.json, and its fields as components.schemas.Command_<type>, named in the anyOf of the requestBody.");
        foreach (var (type, frame) in golden)
        {
            schemas.TryGetProperty($"Command_{type}", out var schema).ShouldBeTrue($"protocol/openapi.json needs components.schemas.Command_{type} with the fields of the frame.");
            Schema.Check(schema, frame).ShouldBeNull($"the golden frame of {type}");
        }
    }

    [Fact]
    public void Every_reference_leads_somewhere()
    {
        Walk(ApiDocument.Root);

        static void Walk(JsonElement node)
        {
            if (node.ValueKind == JsonValueKind.Object)
            {
                if (node.TryGetProperty("$ref", out _)) ApiDocument.Resolve(node).ValueKind.ShouldBe(JsonValueKind.Object);
                foreach (var child in node.EnumerateObject()) Walk(child.Value);
            }
            else if (node.ValueKind == JsonValueKind.Array)
            {
                foreach (var child in node.EnumerateArray()) Walk(child);
            }
        }
    }

    [Fact]
    public async Task It_is_served_and_can_be_read()
    {
        var document = await Answer.ToAsync(Server, "GET", "/api/chat/openapi.json");
        var page = await Answer.ToAsync(Server, "GET", "/api/chat/docs");

        document.Json.GetProperty("openapi").GetString().ShouldBe("3.1.0");
        (await Answer.ToAsync(Server, "GET", "/api/chat/asyncapi.json")).Json.GetProperty("asyncapi").GetString().ShouldBe("3.0.0");
        page.Header("Content-Type").ShouldBe("text/html; charset=utf-8");
        page.Header("Content-Security-Policy")!.ShouldStartWith("default-src 'none'");
        foreach (var operation in ApiDocument.Operations) page.Text.ShouldContain($"<b>{operation.Method}</b> {operation.Path}");
        foreach (var message in SocketDocument.Messages.EnumerateObject()) page.Text.ShouldContain($"<code>{message.Name}</code>");
        page.Text.ShouldContain("href='asyncapi.json'");
        page.Text.ShouldNotContain("<script");
    }
}
