using Npgsql;
using Tieline.Core.Accounts;
using Tieline.Core.Delivery;
using Tieline.Core.Messages;
using Tieline.Core.Storage;
using Tieline.Protocol.Frames;

namespace Tieline.Server.Postgres;

/// <summary>
/// The ends of many logs by one statement. A word of another node, or a look at the heads, wakes lines of many accounts at once; each asks for what comes after its own
/// cursor, and all of them are answered together. A long way through one log is read by itself.
/// </summary>
internal sealed class PostgresLogs
{
    /// <summary>A page of at most so many events is gathered.</summary>
    private const int MaxEvents = FeedReader.ShortPage;

    private const int MaxLogs = 100;

    /// <summary>What one statement brings at most: as much as eight long pages.</summary>
    private const int MaxCharacters = 8 * PostgresLog.MaxPageCharacters;

    private readonly PostgresReaders _readers;
    private readonly IAttachmentLinks? _links;
    private readonly Gathering<Question> _gathering;
    private long _statements, _pages;

    public PostgresLogs(PostgresReaders readers, IAttachmentLinks? links)
    {
        (_readers, _links) = (readers, links);
        _gathering = new Gathering<Question>(MaxLogs, AskAsync);
    }

    /// <summary>Statements asked for pages that were gathered, and those pages, since the start.</summary>
    public (long Statements, long Pages) Asked => (Interlocked.Read(ref _statements), Interlocked.Read(ref _pages));

    public async ValueTask<LogPage> ReadAsync(AccountKey account, long after, int limit, CancellationToken cancel)
    {
        if (limit > MaxEvents) return await ReadAloneAsync(account, after, limit, cancel);
        var question = new Question(new Place(account, after, limit));
        _gathering.Add(question);
        // A state that an event tells is asked for apart, and must be of the same moment as the page.
        return await question.Answer.WaitAsync(cancel) ?? await ReadAloneAsync(account, after, limit, cancel);
    }

    private ValueTask<LogPage> ReadAloneAsync(AccountKey account, long after, int limit, CancellationToken cancel) =>
        _readers.ReadAsync(reading => PostgresLog.ReadAsync(reading, account, after, limit, _links), cancel, snapshot: true);

    private async Task AskAsync(List<Question> batch)
    {
        var places = batch.Select(question => question.Place).Distinct().ToList();
        Interlocked.Increment(ref _statements);
        Interlocked.Add(ref _pages, batch.Count);
        try
        {
            var pages = await _readers.ReadAsync(reading => ReadAsync(reading, places), CancellationToken.None);
            foreach (var question in batch) question.Tell(pages[question.Place]);
        }
        catch (StoreUnavailableException e)
        {
            foreach (var question in batch) question.Fail(e);
        }
        catch (Exception)
        {
            // A row that cannot be read costs its own reader, who finds it again, and nobody else.
            foreach (var question in batch) question.Tell(null);
        }
    }

    /// <returns>Null for a log that must be read by itself.</returns>
    private async Task<Dictionary<Place, LogPage?>> ReadAsync(PostgresReading reading, List<Place> places)
    {
        var found = places.ConvertAll(static _ => new Found());
        var characters = 0;
        await reading.WhileAsync(new PostgresStatement(PostgresLog.SelectEnds).Add(places.Select(place => place.Account.Value)).Add(places.Select(place => place.After)).Add(places.Select(place => (long)place.Limit)), row =>
        {
            var log = found[(int)row.Long(PostgresLog.NumberColumn) - 1];
            characters += log.Take(row, _links);
            return characters <= MaxCharacters;
        });
        return places.Zip(found).ToDictionary(pair => pair.First, pair => pair.Second.Page);
    }

    private readonly record struct Place(AccountKey Account, long After, int Limit);

    private sealed class Question(Place place)
    {
        private readonly TaskCompletionSource<LogPage?> _answer = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public Place Place => place;

        public Task<LogPage?> Answer => _answer.Task;

        public void Tell(LogPage? page) => _answer.TrySetResult(page);

        public void Fail(Exception reason) => _answer.TrySetException(reason);
    }

    /// <summary>What the rows of one log have told so far.</summary>
    private sealed class Found
    {
        private readonly List<AccountEvent> _events = [];
        private bool _reached, _alone;
        private int _characters;
        private long _head, _pruned;

        public LogPage? Page => !_reached || _alone ? null : new LogPage(_events, _head, _pruned + 1);

        /// <returns>The characters that it brought.</returns>
        public int Take(NpgsqlDataReader row, IAttachmentLinks? links)
        {
            (_reached, _head, _pruned) = (true, row.Long(PostgresLog.NumberColumn + 1), row.Long(PostgresLog.NumberColumn + 2));
            if (PostgresLog.IsEmpty(row) || _alone) return 0;
            var (pos, read, characters) = PostgresLog.ReadEvent(row, links);
            if (read is null) _alone = true;
            else if (_characters <= PostgresLog.MaxPageCharacters) _events.Add(new AccountEvent(pos, read));
            _characters += characters;
            return characters;
        }
    }
}
