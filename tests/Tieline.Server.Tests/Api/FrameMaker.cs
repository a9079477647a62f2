using System.Reflection;
using System.Text.Json;
using System.Text.Json.Nodes;
using Tieline.Protocol;
using Tieline.Protocol.Frames;

namespace Tieline.Server.Tests.Api;

/// <summary>Makes any server frame from its type alone: with everything in it that it can have, or with as little as it must. So a new field is in it by itself.</summary>
internal sealed class FrameMaker(bool full)
{
    private static readonly NullabilityInfoContext _nullability = new();

    /// <summary>Words where any text would not do, by the name of the property.</summary>
    private static readonly Dictionary<string, object> _words = new() { ["Kind"] = "group", ["Role"] = "owner", ["History"] = "all", ["Version"] = 2 };

    /// <summary>Properties that hold JSON, and the field of a message that they become.</summary>
    private static readonly Dictionary<string, string> _json = new()
    {
        ["Card"] = "card",
        ["Attachments"] = "attachments",
        ["Quote"] = "quote",
        ["Mentions"] = "mentions",
        ["Reactions"] = "reactions",
        ["Notice"] = "system",
    };

    public static IEnumerable<Type> Types => typeof(ServerFrame).Assembly.GetTypes()
        .Where(type => !type.IsAbstract && type.IsAssignableTo(typeof(ServerFrame)) && type != typeof(UnknownServerFrame));

    public ServerFrame Make(Type type) => (ServerFrame)MakeRecord(type);

    private object MakeRecord(Type type)
    {
        var constructor = type.GetConstructors().MaxBy(one => one.GetParameters().Length)!;
        var made = constructor.Invoke([.. constructor.GetParameters().Select(parameter => Value(parameter.Name!, parameter.ParameterType, _nullability.Create(parameter)))]);
        if (!full) return made;
        var given = constructor.GetParameters().Select(parameter => parameter.Name).ToHashSet();
        foreach (var property in type.GetProperties().Where(property => property.SetMethod is not null && !given.Contains(property.Name) && property.PropertyType != typeof(IAttachmentLinks)))
            property.SetValue(made, Value(property.Name, property.PropertyType, _nullability.Create(property)));
        return made;
    }

    private object? Value(string name, Type type, NullabilityInfo nullability)
    {
        if (!full && nullability.ReadState == NullabilityState.Nullable) return null;
        type = Nullable.GetUnderlyingType(type) ?? type;
        if (_words.TryGetValue(name, out var word)) return word;
        if (type == typeof(string))
            return _json.TryGetValue(name, out var field) ? SocketDocument.Sample(SocketDocument.Schemas.GetProperty("Message").GetProperty("properties").GetProperty(field))?.ToJsonString() ?? "{}" : "x";
        if (type == typeof(bool)) return full;
        if (type == typeof(long)) return 7L;
        if (type == typeof(int)) return 7;
        if (type == typeof(Timestamp)) return new Timestamp(1_772_357_400_000_000);
        if (!type.IsGenericType) return MakeRecord(type);
        var item = type.GetGenericArguments()[0];
        var list = Array.CreateInstance(item, 1);
        list.SetValue(item == typeof(string) ? "x" : MakeRecord(item), 0);
        return list;
    }

    public static JsonElement Parse(byte[] json) => JsonDocument.Parse(json).RootElement;

    public static JsonElement Parse(JsonNode json) => JsonDocument.Parse(json.ToJsonString()).RootElement;
}
