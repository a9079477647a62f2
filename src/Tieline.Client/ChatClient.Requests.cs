using System.Globalization;
using System.Text.Json;
using Tieline.Client.Conversations;
using Tieline.Client.Http;
using Tieline.Protocol.Frames;

namespace Tieline.Client;

public sealed partial class ChatClient
{
    private readonly SemaphoreSlim _paging = new(1, 1);

    /// <summary>Finds people by their exact e-mail address or username.</summary>
    /// <param name="query">What to look for.</param>
    /// <param name="cancel">Ends the search.</param>
    /// <exception cref="ChatRequestException">The server was not reached or refused.</exception>
    public async Task<IReadOnlyList<Person>> FindPeopleAsync(string query, CancellationToken cancel = default)
    {
        var answer = await GetAsync("people?q=" + Uri.EscapeDataString(query), cancel);
        return Understand(answer, static json => (IReadOnlyList<Person>)[.. json.GetProperty("people").EnumerateArray().Select(person => Person.From(ServerFrameReader.ReadPerson(person)))]);
    }

    /// <summary>The conversations known here, newest first: at least the newest 200 once the client has been online.</summary>
    public IReadOnlyList<Conversation> Conversations()
    {
        Connect();
        return _ledger.List(Line);

        Conversation Line(ConversationState c)
        {
            var last = c.Last is { } message ? _ledger.Shape(message, c) : null;
            var group = c.Group is { } wire ? new Group(wire.Name, wire.Avatar, wire.Role, wire.Members) : null;
            return new Conversation(c.Id, c.Person is { } person ? Person.From(person) : null, last, c.Unread, c.ReadSeq, c.Muted, c.Blocked)
            {
                Group = group,
                Left = c.Left,
            };
        }
    }

    /// <summary>A page of the conversation's history, oldest first, as the server has it.</summary>
    internal async Task<PageFrame> HistoryAsync(string conversation, long? before, int limit, CancellationToken cancel)
    {
        var path = string.Create(CultureInfo.InvariantCulture, $"history?conversation={Uri.EscapeDataString(conversation)}&limit={limit}{(before is { } seq ? $"&before_seq={seq}" : "")}");
        var answer = await GetAsync(path, cancel);
        var page = Understand(answer, static json => ServerFrameReader.Read(json) as PageFrame ?? throw new InvalidOperationException("No page."));
        foreach (var message in page.Messages) _sender.Saw(message, _ledger.Self);
        return page;
    }

    /// <summary>Asks for the next page of conversations.</summary>
    internal async Task MoreConversationsAsync(CancellationToken cancel)
    {
        await _paging.WaitAsync(cancel);
        try
        {
            if (_ledger.NextPage is not { } before) return;
            var answer = await GetAsync(string.Create(CultureInfo.InvariantCulture, $"conversations?before={before}"), cancel);
            var (page, next) = Understand(answer, static json => (json.GetProperty("conversations").EnumerateArray().Select(ServerFrameReader.ReadConversation).ToArray(),
                json.TryGetProperty("next", out var value) && value.ValueKind == JsonValueKind.Number ? value.GetInt64() : (long?)null));
            _ledger.AddPage(page, next);
        }
        finally
        {
            _paging.Release();
        }
    }

    internal async Task CommandAsync(ClientFrame frame, CancellationToken cancel) =>
        await RequestAsync(async token => await _http.CommandAsync(frame, token, _options.Timings.Request, cancel), cancel);

    private Task<byte[]> GetAsync(string path, CancellationToken cancel) =>
        RequestAsync(token => _http.ExchangeAsync(HttpMethod.Get, path, token, null, _options.Timings.Request, Transport.None, cancel), cancel);

    /// <summary>A request with the token, and once more with a fresh one where that was refused.</summary>
    private async Task<T> RequestAsync<T>(Func<string, Task<T>> request, CancellationToken cancel)
    {
        try
        {
            var token = await _tokens.GetAsync(cancel);
            try
            {
                return await request(token);
            }
            catch (LineException e) when (e.Failure.IsUnauthorized)
            {
                return await request(await _tokens.RefreshAsync(token, cancel));
            }
        }
        catch (LineException e)
        {
            throw new ChatRequestException(e.Failure.Text, e.Failure.Error?.Code, e.Failure.Status);
        }
        catch (Connections.NoTokenException e)
        {
            throw new ChatRequestException(e.Message, Protocol.WireError.Unauthorized.Code, null);
        }
    }

    private static T Understand<T>(byte[] answer, Func<JsonElement, T> read)
    {
        try
        {
            return ChatHttp.Parse(answer, read);
        }
        catch (LineException e)
        {
            throw new ChatRequestException(e.Failure.Text, null, null);
        }
    }
}

/// <summary>A question to the server was not answered. Messages are never sent this way, so nothing is lost by it.</summary>
/// <param name="message">What was seen.</param>
/// <param name="code">The server's error code, where it gave one.</param>
/// <param name="status">The HTTP status, where there was an answer.</param>
public sealed class ChatRequestException(string message, string? code, int? status) : Exception(message)
{
    /// <summary>The server's error code (protocol/errors.md), or null.</summary>
    public string? Code { get; } = code;

    /// <summary>The HTTP status, or null where there was no answer.</summary>
    public int? Status { get; } = status;
}
