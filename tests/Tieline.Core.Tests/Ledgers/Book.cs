using Microsoft.Extensions.Time.Testing;
using Tieline.Core.Accounts;
using Tieline.Core.Ledgers;
using Tieline.Protocol.Frames;

namespace Tieline.Core.Tests.Ledgers;

/// <summary>A ledger with ada, bob and cy in it, and everything it has committed.</summary>
internal sealed class Book
{
    private readonly Ledger _ledger;
    private int _ids;

    public Book() : this(LedgerRules.Default)
    {
    }

    public Book(LedgerRules rules)
    {
        _ledger = new Ledger(Facts, Time, () => $"conversation{++_ids}", rules);
        (Ada, Bob, Cy) = (Add("ada"), Add("bob"), Add("cy"));
    }

    public MemoryFacts Facts { get; } = new();
    public FakeTimeProvider Time { get; } = new(new DateTimeOffset(2026, 1, 2, 3, 4, 5, TimeSpan.Zero));
    public Account Ada { get; }
    public Account Bob { get; }
    public Account Cy { get; }

    /// <summary>One command as a batch of its own.</summary>
    public Outcome Do(Command command) => Batch(command)[0];

    public Outcome[] Batch(params ReadOnlySpan<Command> commands)
    {
        var outcomes = Apply(commands);
        Facts.Commit(_ledger.Changes);
        _ledger.Committed();
        return outcomes;
    }

    /// <summary>Decides a batch whose commit then fails.</summary>
    public Outcome[] Fail(params ReadOnlySpan<Command> commands)
    {
        var outcomes = Apply(commands);
        _ledger.Forget();
        return outcomes;
    }

    public AckFrame Send(Account from, Account to, string text = "hi", string? clientId = null) =>
        Do(new Send(from, clientId ?? $"auto{++_ids}", to, null, text)).ShouldBeOfType<Acknowledged>().Ack;

    /// <summary>The log of one account, as frames.</summary>
    public IReadOnlyList<ServerFrame> Log(Account account) =>
        [.. Facts.Events.Where(logged => logged.Account == account.Key).Select(logged => logged.Event.ToFrame(logged.Pos))];

    public IReadOnlyList<long> Positions(Account account) => [.. Facts.Events.Where(logged => logged.Account == account.Key).Select(logged => logged.Pos)];

    public MemberState MemberOf(Account account, Account peer) => Facts.FindDirect(account.Key, peer.Key)!.Member(account.Key)!;

    private Outcome[] Apply(ReadOnlySpan<Command> commands)
    {
        var outcomes = new Outcome[commands.Length];
        for (var i = 0; i < commands.Length; i++) outcomes[i] = _ledger.Apply(commands[i]);
        return outcomes;
    }

    private Account Add(string name) =>
        Do(new AddAccount(new AccountDraft(name, $"{name}@example.org", name, name))).ShouldBeOfType<AccountAdded>().Account;
}
