using System.Buffers;
using System.Text.Json;
using Tieline.Client.Http;

namespace Tieline.Client.Diagnoses;

/// <summary>
/// Finds out why a WebSocket does not open: is it Tieline at all, did the handshake arrive there, and with which headers. The same failure
/// is looked into once in ten minutes; a first word comes at once, each step makes it more exact.
/// </summary>
internal sealed class ProbeLadder(ChatHttp http, ChatClientOptions options, Action<string> log)
{
    private readonly Lock _lock = new();
    private readonly Dictionary<string, (long At, Diagnosis Diagnosis)> _known = [];
    private readonly HashSet<string> _running = [];

    /// <param name="socket">How the handshake failed, null while it hangs.</param>
    /// <param name="attempt">Its id.</param>
    /// <param name="token">For the questions that need one.</param>
    /// <param name="flapping">Sockets open and die young.</param>
    /// <param name="tell">Gets each more exact diagnosis.</param>
    /// <param name="cancel">Ends it.</param>
    public async Task RunAsync(Failure? socket, Guid attempt, string token, bool flapping, Action<Diagnosis> tell, CancellationToken cancel)
    {
        var signature = $"{socket?.Kind} {socket?.Status} {socket?.CloseCode} {flapping}";
        lock (_lock)
        {
            if (_known.TryGetValue(signature, out var known) && options.Time.GetElapsedTime(known.At) < options.Timings.DiagnosisLife)
            {
                tell(known.Diagnosis with { Attempt = attempt });
                return;
            }

            if (!_running.Add(signature)) return;
        }

        try
        {
            await ClimbAsync(signature, new Evidence(http.Server, attempt, socket, flapping), token, tell, cancel);
        }
        finally
        {
            lock (_lock) _running.Remove(signature);
        }
    }

    private async Task ClimbAsync(string signature, Evidence evidence, string token, Action<Diagnosis> tell, CancellationToken cancel)
    {
        var socket = evidence.Socket;
        if (socket is { Kind: not FailureKind.Timeout }) tell(Explain.From(evidence));
        evidence = evidence with { Test = await TestAsync(cancel) };
        tell(Explain.From(evidence));
        if (evidence.Test is null && socket is null or { Kind: FailureKind.Timeout or FailureKind.Network }) evidence = await AskAttemptAsync(evidence, token, cancel);
        var diagnosis = Explain.From(evidence);
        log($"diagnosis: {diagnosis.Code}: {diagnosis.OperatorText}");
        tell(diagnosis);
        // A network that is away is not a property of the server: it is looked at anew each time.
        if (evidence.Test is null)
        {
            lock (_lock) _known[signature] = (options.Time.GetTimestamp(), diagnosis);
            await ReportAsync(diagnosis, token, cancel);
        }
    }

    private async Task<Failure?> TestAsync(CancellationToken cancel)
    {
        using var timer = new CancellationTokenSource(options.Timings.Probe, options.Time);
        using var both = CancellationTokenSource.CreateLinkedTokenSource(cancel, timer.Token);
        try
        {
            using var answer = await http.StartAsync(HttpMethod.Get, "test", null, null, both.Token);
            var body = await answer.Content.ReadAsByteArrayAsync(both.Token);
            if (answer.IsSuccessStatusCode && answer.Headers.Contains("X-Tieline")) return null;
            var failure = ChatHttp.Refused(Transport.None, answer, body);
            return answer.IsSuccessStatusCode
                ? failure with { Kind = FailureKind.Garbled, Text = $"{failure.Text} {answer.Content.Headers.ContentType?.MediaType} without X-Tieline" }
                : failure with { Kind = FailureKind.Status };
        }
        catch (Exception e) when (e is HttpRequestException or IOException || (e is OperationCanceledException && !cancel.IsCancellationRequested))
        {
            return Failure.Of(Transport.None, e);
        }
    }

    private async Task<Evidence> AskAttemptAsync(Evidence evidence, string token, CancellationToken cancel)
    {
        try
        {
            var answer = await http.ExchangeAsync(HttpMethod.Get, "attempt/" + evidence.Attempt, token, null, options.Timings.Probe, Transport.None, cancel);
            return evidence with { Seen = true, UpgradeSeen = ChatHttp.Parse(answer, MentionsUpgrade) };
        }
        catch (LineException e)
        {
            return e.Failure.Status == 404 ? evidence with { Seen = false } : evidence;
        }
    }

    /// <summary>The server lists the headers that arrived; where exactly does not matter here.</summary>
    private static bool MentionsUpgrade(JsonElement json) => json.ValueKind switch
    {
        JsonValueKind.Object => json.EnumerateObject().Any(field =>
            (field.Name.Equals("upgrade", StringComparison.OrdinalIgnoreCase) && field.Value.ValueKind is JsonValueKind.String or JsonValueKind.True) || MentionsUpgrade(field.Value)),
        JsonValueKind.Array => json.EnumerateArray().Any(MentionsUpgrade),
        _ => false,
    };

    private async Task ReportAsync(Diagnosis diagnosis, string token, CancellationToken cancel)
    {
        if (!options.Report) return;
        var body = new ArrayBufferWriter<byte>();
        using (var json = new Utf8JsonWriter(body))
        {
            json.WriteStartObject();
            json.WriteString("client"u8, "dotnet");
            json.WriteString("code"u8, diagnosis.Code);
            json.WriteString("attempt"u8, diagnosis.Attempt);
            json.WriteString("text"u8, diagnosis.OperatorText);
            json.WriteEndObject();
        }

        try
        {
            await http.ExchangeAsync(HttpMethod.Post, "report", token, body.WrittenSpan.ToArray(), options.Timings.Probe, Transport.None, cancel);
        }
        catch (LineException e)
        {
            log($"report: {e.Failure.Text}");
        }
    }
}
