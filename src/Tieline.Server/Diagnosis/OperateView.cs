using System.Text.Json;
using Tieline.Protocol;
using Tieline.Protocol.Findings;
using Tieline.Server.Bus;
using Tieline.Server.Postgres;

namespace Tieline.Server.Diagnosis;

/// <summary>What the operator's page and its JSON show.</summary>
internal sealed record OperateView(string Node, int OpenLines, BusStatus Bus, IReadOnlyList<ReplicaStatus> Replicas, IReadOnlyList<Trouble> Troubles, IReadOnlyList<ReportGroup> Reports)
{
    /// <summary>The lines of a proxy where the cause asks for the same ones everywhere.</summary>
    public static string ProxyLines(string cause) => cause is "proxy.upgrade_headers_missing" or "proxy.connection_header_wrong" ? """
        # nginx, in the location that serves /api/chat/ws/
        proxy_http_version 1.1;
        proxy_set_header Upgrade $http_upgrade;
        proxy_set_header Connection "upgrade";
        # Apache: ProxyPass ... upgrade=websocket      lighttpd: "upgrade" => "enable"      h2o: proxy.websocket: ON
        """.ReplaceLineEndings("\n") : "";

    /// <summary>How to have it looked at, and mended where that is certain, for the address that was called.</summary>
    public static string Command(Trouble trouble)
    {
        var request = trouble.Latest[^1].Request;
        string? Told(string name) => request.Headers.FirstOrDefault(header => header.Key == name).Value;
        var host = (Told("X-Forwarded-Host") ?? Told("Host") ?? "chat.example.org").Split(',')[0].Trim();
        var scheme = Told("X-Forwarded-Proto") is "http" or "ws" ? "ws" : "wss";
        // Only what a shell takes as one plain word.
        var safe = string.Concat($"{scheme}://{host}{request.Path}".Where(c => char.IsAsciiLetterOrDigit(c) || c is ':' or '/' or '.' or '-' or '_' or '[' or ']'));
        return $"tieline doctor {safe} --backend http://127.0.0.1:8000";
    }

    public void Write(Utf8JsonWriter json)
    {
        json.WriteString("node", Node);
        json.WriteNumber("lines", OpenLines);
        Write(json, Bus);
        json.WriteStartArray("replicas");
        foreach (var replica in Replicas) Write(json, replica);
        json.WriteEndArray();
        json.WriteStartArray("failed");
        foreach (var trouble in Troubles) Write(json, trouble);
        json.WriteEndArray();
        json.WriteStartArray("reports");
        foreach (var group in Reports) Write(json, group);
        json.WriteEndArray();
    }

    private static void Write(Utf8JsonWriter json, BusStatus bus)
    {
        json.WriteStartObject("bus");
        json.WriteString("status", bus.Kind);
        if (bus.Address is { } address)
        {
            json.WriteString("address", address);
            json.WriteString("since", Moment(bus.Since));
            json.WriteStartArray("nodes");
            foreach (var node in bus.Nodes) json.WriteStringValue(node);
            json.WriteEndArray();
        }

        if (bus.Why is { } why) json.WriteString("why", why);
        json.WriteEndObject();
    }

    private static void Write(Utf8JsonWriter json, ReplicaStatus replica)
    {
        json.WriteStartObject();
        json.WriteString("address", replica.Address);
        json.WriteString("status", replica.Why is null ? "read" : "left");
        json.WriteString("since", Moment(replica.Since));
        json.WriteNumber("reads", replica.Reads);
        if (replica.Why is { } why) json.WriteString("why", why);
        json.WriteEndObject();
    }

    private static void Write(Utf8JsonWriter json, Trouble trouble)
    {
        json.WriteStartObject();
        Write(json, trouble.Finding);
        json.WriteNumber("count", trouble.Count);
        json.WriteString("first", Moment(trouble.First));
        json.WriteString("last", Moment(trouble.Last));
        json.WriteString("command", Command(trouble));
        json.WriteStartArray("latest");
        foreach (var one in trouble.Latest.Reverse())
        {
            json.WriteStartObject();
            json.WriteString("at", Moment(one.At));
            json.WriteString("attempt", one.Attempt);
            json.WriteString("address", one.Address);
            json.WriteString("peer", one.Peer);
            json.WriteNumber("answer", one.Answer);
            json.WriteString("reason", one.Reason);
            json.WriteStartObject("saw");
            one.Request.Write(json, toOperator: true);
            json.WriteEndObject();
            json.WriteEndObject();
        }
        json.WriteEndArray();
        json.WriteEndObject();
    }

    private static void Write(Utf8JsonWriter json, ReportGroup group)
    {
        json.WriteStartObject();
        json.WriteString("report", group.Code);
        if (group.Finding is { } finding) Write(json, finding);
        json.WriteNumber("count", group.Count);
        json.WriteStartArray("latest");
        foreach (var (at, text) in group.Latest.Reverse())
        {
            json.WriteStartObject();
            json.WriteString("at", Moment(at));
            json.WriteString("text", text);
            json.WriteEndObject();
        }
        json.WriteEndArray();
        json.WriteEndObject();
    }

    private static void Write(Utf8JsonWriter json, FindingEntry finding)
    {
        json.WriteString("code", finding.Code);
        json.WriteString("cause", finding.Cause);
        json.WriteString("title", finding.Title);
        json.WriteString("why", finding.Why);
        json.WriteString("fix", finding.Fix);
    }

    private static string Moment(DateTimeOffset at) => Timestamp.From(at).ToString();
}
