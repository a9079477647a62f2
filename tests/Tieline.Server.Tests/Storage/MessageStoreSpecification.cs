using Microsoft.Extensions.Time.Testing;
using Tieline.Core.Accounts;
using Tieline.Core.Ledgers;
using Tieline.Core.Storage;
using Tieline.Protocol;
using Tieline.Protocol.Frames;

namespace Tieline.Server.Tests.Storage;

/// <summary>
/// What every message store guarantees. An implementation inherits this and says how it is opened; its own tests hold only what is its own.
/// </summary>
public abstract partial class MessageStoreSpecification : IAsyncLifetime
{
    private int _ids;

    /// <summary>Opens the store of this test: the same data each time it is called.</summary>
    protected abstract ValueTask<IMessageStore> OpenAsync(TimeProvider time, ICommitListener listener);

    /// <summary>Removes the data of this test.</summary>
    protected abstract void Remove();

    private protected FakeTimeProvider Time { get; } = new(new DateTimeOffset(2026, 1, 2, 3, 4, 5, TimeSpan.Zero));
    private protected Commits Commits { get; } = new();
    private protected IMessageStore Store { get; private set; } = null!;
    private protected Account Ada { get; private set; } = null!;
    private protected Account Bob { get; private set; } = null!;
    private protected Account Cy { get; private set; } = null!;

    public async ValueTask InitializeAsync()
    {
        Store = await OpenAsync(Time, Commits);
        var added = await Task.WhenAll(AddAsync("ada"), AddAsync("bob"), AddAsync("cy"));
        (Ada, Bob, Cy) = (added[0], added[1], added[2]);
    }

    public async ValueTask DisposeAsync()
    {
        await Store.DisposeAsync();
        Remove();
        GC.SuppressFinalize(this);
    }

    private protected async Task ReopenAsync()
    {
        await Store.DisposeAsync();
        Store = await OpenAsync(Time, Commits);
    }

    private protected async Task<Account> AddAsync(string name) =>
        (await Store.SubmitAsync(new AddAccount(new AccountDraft(name, $"{name}@example.org", name, name)))).ShouldBeOfType<AccountAdded>().Account;

    private protected Send Message(Account from, Account to, string text = "hi", string? clientId = null, SendLine? line = null) =>
        new(from, clientId ?? $"c{Interlocked.Increment(ref _ids)}", to, null, text, Line: line);

    private protected async Task<AckFrame> SendAsync(Account from, Account to, string text = "hi", string? clientId = null) =>
        (await Store.SubmitAsync(Message(from, to, text, clientId))).ShouldBeOfType<Acknowledged>().Ack;

    private protected async Task<long> ChangeAsync(Command command) => (await Store.SubmitAsync(command)).ShouldBeOfType<Changed>().Count;

    private protected static ConversationTarget With(Account peer) => new(peer, null);

    /// <summary>Submits commands so that they fall into one batch.</summary>
    private protected async Task<IReadOnlyList<Task<Outcome>>> InOneBatchAsync(params IReadOnlyList<Command> commands)
    {
        var held = Commits.HoldNextAsync();
        var before = Store.SubmitAsync(new AddAccount(new AccountDraft($"gate{Interlocked.Increment(ref _ids)}", null, "gate")));
        await held;
        var submissions = commands.Select(command => new Watched(command)).ToList();
        foreach (var submission in submissions) Store.Submit(submission);
        Commits.Release();
        await before;
        return [.. submissions.Select(submission => submission.Outcome)];
    }

    /// <summary>A whole log, page by page, as frames.</summary>
    private protected async Task<List<ServerFrame>> ReadLogAsync(Account account, int pageSize = 3)
    {
        var frames = new List<ServerFrame>();
        long after = 0;
        while (true)
        {
            var page = await Store.ReadLogAsync(account.Key, after, pageSize, default);
            if (page.Events.Count == 0) return frames;
            frames.AddRange(page.Events.Select(@event => @event.Event.ToFrame(@event.Pos)));
            after = page.Events[^1].Pos;
        }
    }

    private protected async Task<IReadOnlyList<WireMessage>> ReadHistoryAsync(Account account, Account peer) =>
        (await Store.ReadHistoryAsync(account.Key, With(peer), new HistoryRange(1_000), default))?.Messages ?? [];

    private protected async Task<WireConversation> ReadConversationAsync(Account account, Account peer) =>
        (await Store.ReadConversationsAsync(account.Key, null, 100, default)).Conversations.Single(conversation => conversation.User!.Id == peer.Id);

    private protected static IEnumerable<long> To(long count) => Enumerable.Range(1, (int)count).Select(number => (long)number);

    private protected static WireError? ErrorOf(Outcome outcome) => (outcome as Refused)?.Error;
}
