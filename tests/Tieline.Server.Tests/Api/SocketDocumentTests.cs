using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using Tieline.Core.Attachments;
using Tieline.Core.Ledgers;
using Tieline.Protocol;
using Tieline.Protocol.Frames;

namespace Tieline.Server.Tests.Api;

/// <summary>The socket is what its document says, in both directions: no frame and no field in the code without its line, and no line without its code.</summary>
public sealed partial class SocketDocumentTests
{
    private const string Remedy = "Mend protocol/asyncapi.json (components.messages, components.schemas), or the code.";

    public static TheoryData<string> ServerTypes => [.. FrameMaker.Types.Select(type => type.FullName!)];
    public static TheoryData<string> ClientTypes => [.. SocketDocument.Frames("client").Keys];
    public static TheoryData<string> Examples => [.. Directory.GetFiles(ApiDocument.Find("frames"), "*.json").Select(file => Path.GetFileNameWithoutExtension(file)!).Order(StringComparer.Ordinal)];

    [Fact]
    public void Every_frame_of_the_server_is_described_and_every_described_one_can_be_written() =>
        FrameMaker.Types.Select(type => ServerFrameFields.TypeOf(new FrameMaker(full: true).Make(type))).Order(StringComparer.Ordinal)
            .ShouldBe(SocketDocument.Frames("server").Keys.Order(StringComparer.Ordinal), Remedy);

    [Fact]
    public void Every_frame_of_the_client_is_described_and_every_described_one_is_read()
    {
        var read = SocketDocument.Frames("client").Keys.Select(type => ClientFrameReader.Read(Golden(type).First().ToUtf8()).GetType()).ToHashSet();
        var types = typeof(ClientFrame).Assembly.GetTypes().Where(type => !type.IsAbstract && type.IsAssignableTo(typeof(ClientFrame)));
        types.Except(read).ShouldBeEmpty(Remedy);
    }

    [Theory, MemberData(nameof(ServerTypes))]
    public void A_frame_of_the_server_has_all_described_fields_and_no_other(string name)
    {
        var type = typeof(ServerFrame).Assembly.GetType(name)!;
        var (all, least) = (FrameMaker.Parse(FrameWriter.ToUtf8(new FrameMaker(full: true).Make(type))), FrameMaker.Parse(FrameWriter.ToUtf8(new FrameMaker(full: false).Make(type))));
        var schema = SocketDocument.Frames("server")[all.GetProperty("type").GetString()!];

        SocketDocument.Unknown(schema, all).Distinct().ShouldBeEmpty($"Written, but not described. {Remedy}");
        SocketDocument.Missing(schema, all).Distinct().ShouldBeEmpty($"Described, but never written. {Remedy}");
        SocketDocument.Check(schema, all).ShouldBeNull();
        SocketDocument.Check(schema, least).ShouldBeNull($"required names what may be missing. {Remedy}");
        schema.GetProperty("required").EnumerateArray().Select(field => field.GetString()).Order(StringComparer.Ordinal)
            .ShouldBe(least.EnumerateObject().Select(field => field.Name).Order(StringComparer.Ordinal), $"required is what always stands there. {Remedy}");
    }

    [Theory, MemberData(nameof(ServerTypes))]
    public void A_client_reads_every_field_that_a_server_writes(string name)
    {
        var written = FrameWriter.ToUtf8(new FrameMaker(full: true).Make(typeof(ServerFrame).Assembly.GetType(name)!));
        JsonElement.DeepEquals(FrameMaker.Parse(FrameWriter.ToUtf8(ServerFrameReader.Read(written))), FrameMaker.Parse(written)).ShouldBeTrue();
    }

    [Theory, MemberData(nameof(ClientTypes))]
    public void The_server_reads_the_described_fields_of_a_client_and_no_other(string type)
    {
        var described = SocketDocument.FieldsOf(SocketDocument.Frames("client")[type]).Where(field => field != "type").ToHashSet();
        var used = Words().Concat(described).Distinct().Where(field => field != "type" && ClientFields.IsUsed(type, field)).ToHashSet();

        used.Except(described).ShouldBeEmpty($"Read, but not described. {Remedy}");
        described.Except(used).ShouldBeEmpty($"Described, but not read. {Remedy}");
    }

    [Theory, MemberData(nameof(ClientTypes))]
    public void The_server_refuses_fields_of_a_client_that_are_of_another_type_than_described(string type)
    {
        var schema = SocketDocument.Frames("client")[type];
        foreach (var field in SocketDocument.FieldsOf(schema).Where(field => field != "type"))
        {
            var kinds = SocketDocument.KindsOf(schema.GetProperty("properties").GetProperty(field)).ToHashSet();
            foreach (var value in ClientFields.Values.Where(value => value is not null && !kinds.Contains(SocketDocument.KindOf(FrameMaker.Parse(value)))))
            {
                var frame = (JsonObject)Golden(type).First().DeepClone();
                frame[field] = value!.DeepClone();
                Should.Throw<FrameException>(() => ClientFrameReader.Read(frame.ToUtf8()), $"{type}.{field} = {value.ToJsonString()}. {Remedy}");
            }
        }
    }

    [Theory, MemberData(nameof(Examples))]
    public void An_example_is_as_described(string name)
    {
        var file = JsonDocument.Parse(File.ReadAllText(Path.Combine(ApiDocument.Find("frames"), name + ".json"))).RootElement;
        var v1 = file.GetProperty("v").GetInt32() == 1 ? "v1." : "";
        var schema = SocketDocument.Payload($"{v1}{file.GetProperty("direction")}.{file.GetProperty("type")}");

        SocketDocument.Check(schema, file.GetProperty("frame")).ShouldBeNull(Remedy);
        SocketDocument.Unknown(schema, file.GetProperty("frame")).ShouldBeEmpty(Remedy);
    }

    [Fact]
    public void What_the_rules_write_into_a_message_is_described()
    {
        // A quote, a notice, reactions and attachments are stored as JSON and pass the writers of frames as they are.
        var written = Directory.GetFiles(Path.Combine(Repository, "src/Tieline.Core"), "*.cs", SearchOption.AllDirectories)
            .SelectMany(file => WrittenField().Matches(File.ReadAllText(file))).Select(match => match.Groups[1].Value).ToHashSet();
        var described = ((string[])["System", "Reaction", "Attachment", "Quote"]).SelectMany(name => SocketDocument.FieldsOf(SocketDocument.Schemas.GetProperty(name))).ToHashSet();

        written.Except(described).ShouldBeEmpty($"Written in Tieline.Core, but in none of the schemas System, Reaction, Attachment and Quote. {Remedy}");
        SocketDocument.FieldsOf(SocketDocument.Schemas.GetProperty("Attachment")).Except(written).ShouldBeEmpty($"Described, but not written. {Remedy}");
        SocketDocument.FieldsOf(SocketDocument.Schemas.GetProperty("System")).Except(written).ShouldBeEmpty($"Described, but not written. {Remedy}");
    }

    [Fact]
    public void Limits_are_those_of_the_code()
    {
        static JsonElement Of(string side, string type, string field) => SocketDocument.Resolve(SocketDocument.Frames(side)[type].GetProperty("properties").GetProperty(field));

        Of("client", "send", "client_id").GetProperty("pattern").GetString()!.ShouldEndWith($"{{1,{Identifiers.MaxClientIdLength}}}$");
        Of("client", "send", "to").GetProperty("pattern").GetString()!.ShouldEndWith($"{{1,{AccountIds.MaxLength}}}$");
        Of("client", "send", "attachments").GetProperty("maxItems").GetInt32().ShouldBe(AttachmentRules.MaxPerMessage);
        Of("client", "send", "mentions").GetProperty("maxItems").GetInt32().ShouldBe(MentionRules.Max);
        Of("client", "disappear", "seconds").GetProperty("maximum").GetInt64().ShouldBe(Ledger.MaxDisappearSeconds);
        Of("client", "history", "limit").GetProperty("maximum").GetInt32().ShouldBe(ClientFrameReader.MaxHistoryLimit);
        Of("client", "history", "limit").GetProperty("default").GetInt32().ShouldBe(ClientFrameReader.DefaultHistoryLimit);
        Of("client", "watch", "users").GetProperty("maxItems").GetInt32().ShouldBe(ClientFrameReader.MaxWatched);
        Of("client", "flag", "text").GetProperty("maxLength").GetInt32().ShouldBe(ClientFrameReader.MaxFlagText);
        Of("client", "flag", "reason").GetProperty("enum").EnumerateArray().Select(reason => reason.GetString()).ShouldBe(ClientFrameReader.FlagReasons);
        Of("client", "group_create", "name").GetProperty("maxLength").GetInt32().ShouldBe(GroupRules.MaxNameLength);
        Of("client", "group_create", "members").GetProperty("maxItems").GetInt32().ShouldBe(GroupRules.MaxMembers);
        Of("server", "message", "reactions").GetProperty("items").GetProperty("$ref").GetString().ShouldBe("#/components/schemas/Reaction");
        SocketDocument.Schemas.GetProperty("Reaction").GetProperty("properties").GetProperty("users").GetProperty("maxItems").GetInt32().ShouldBe(ReactionRules.MaxNamed);
    }

    [Fact]
    public void Every_message_is_in_a_channel_and_in_an_operation_and_every_reference_leads_somewhere()
    {
        var names = SocketDocument.Messages.EnumerateObject().Select(message => message.Name).ToHashSet();
        SocketDocument.Root.GetProperty("channels").EnumerateObject().SelectMany(channel => channel.Value.GetProperty("messages").EnumerateObject()).Select(message => message.Name)
            .ToHashSet().ShouldBe(names, ignoreOrder: true);
        SocketDocument.Root.GetProperty("operations").EnumerateObject().SelectMany(operation => operation.Value.GetProperty("messages").EnumerateArray())
            .Select(message => message.GetProperty("$ref").GetString()!.Split('/')[^1]).ToHashSet().ShouldBe(names, ignoreOrder: true);
        Walk(SocketDocument.Root);

        static void Walk(JsonElement node)
        {
            if (node.ValueKind == JsonValueKind.Object)
            {
                if (node.TryGetProperty("$ref", out _)) SocketDocument.Resolve(node).ValueKind.ShouldBe(JsonValueKind.Object);
                foreach (var child in node.EnumerateObject()) Walk(child.Value);
            }
            else if (node.ValueKind == JsonValueKind.Array) foreach (var child in node.EnumerateArray()) Walk(child);
        }
    }

    private static string Repository => Path.GetFullPath(Path.Combine(ApiDocument.Find("frames"), "..", ".."));

    /// <summary>Every word in the code that reads clients: a new field is among them.</summary>
    private static IEnumerable<string> Words() => Directory.GetFiles(Path.Combine(Repository, "src/Tieline.Protocol/Frames"), "*.cs")
        .Where(file => Path.GetFileName(file) is var name && (name.StartsWith("ClientFrameReader", StringComparison.Ordinal) || name.StartsWith("FrameFields", StringComparison.Ordinal)))
        .SelectMany(file => Word().Matches(File.ReadAllText(file))).Select(match => match.Groups[1].Value).Distinct();

    internal static IEnumerable<JsonObject> Golden(string type)
    {
        var found = Directory.GetFiles(ApiDocument.Find("frames"), "client-*.json").Order(StringComparer.Ordinal).Select(file => JsonNode.Parse(File.ReadAllText(file))!)
            .Where(file => file["type"]!.GetValue<string>() == type).Select(file => file["frame"]!.AsObject()).ToList();
        return found.Count > 0 ? found : throw new InvalidOperationException($"protocol/frames has no example of the client's {type}.");
    }

    [GeneratedRegex("json\\.Write\\w+\\(\"(\\w+)\"u8")]
    private static partial Regex WrittenField();

    [GeneratedRegex("\"([a-z][a-z_0-9]*)\"")]
    private static partial Regex Word();
}

/// <summary>Finds out by trying which fields the reader of a command looks at.</summary>
internal static class ClientFields
{
    public static IReadOnlyList<JsonNode?> Values { get; } =
        [.. ((string[])["\"x\"", "\"always\"", "\"all\"", "\"me\"", "\"joined\"", "\"owner\"", "\"spam\"", "7", "true", "false", "[\"x\"]", "[{\"id\":\"x\"}]", "{\"a\":1}"]).Select(text => JsonNode.Parse(text))];

    public static bool IsUsed(string type, string field) => SocketDocumentTests.Golden(type).SelectMany(Variants).Any(frame =>
    {
        var without = (JsonObject)frame.DeepClone();
        without.Remove(field);
        var before = TryRead(without);
        return Values.Any(value =>
        {
            var with = (JsonObject)without.DeepClone();
            with[field] = value!.DeepClone();
            return TryRead(with) is { } after && !after.Equals(before);
        });
    });

    public static byte[] ToUtf8(this JsonObject frame) => System.Text.Encoding.UTF8.GetBytes(frame.ToJsonString());

    /// <summary>The frame, and the frame without each of its fields: of two that exclude each other one must go.</summary>
    private static IEnumerable<JsonObject> Variants(JsonObject frame)
    {
        yield return frame;
        foreach (var field in frame.Select(field => field.Key).Where(field => field != "type"))
        {
            var less = (JsonObject)frame.DeepClone();
            less.Remove(field);
            yield return less;
        }
    }

    private static ClientFrame? TryRead(JsonObject frame)
    {
        try
        {
            return ClientFrameReader.Read(frame.ToUtf8());
        }
        catch (FrameException)
        {
            return null;
        }
    }
}
