using Tieline.Core.Accounts;
using Tieline.Core.Messages;
using Tieline.Protocol;

namespace Tieline.Core.Ledgers;

public sealed partial class Ledger
{
    private Outcome ApplyChangeRelation(ChangeRelation change)
    {
        var (who, other) = (change.Who.Key, change.Other.Key);
        if (who == other) return new Refused(WireError.Self, "That is yourself");
        var before = RelationOf(who, other);
        var now = Now.Microseconds;
        var after = change.Change switch
        {
            RelationChange.Block => before with { BlockedAt = before.BlockedAt ?? now },
            RelationChange.Unblock => before with { BlockedAt = null },
            RelationChange.Mute => before with { MutedAt = before.MutedAt ?? now, MutedUntil = null },
            RelationChange.Unmute => before with { MutedAt = null, MutedUntil = null },
            _ => throw new ArgumentOutOfRangeException(nameof(change), change.Change, "No such change."),
        };
        if (after == before) return new Changed(0);

        _relations[(who, other)] = Changes.Relations[(who, other)] = after;
        Append(who, EventKind.Relation, null, 0, other, RelationEvent.Of(change.Other.Id, after));
        return new Changed(1);
    }

    private Outcome ApplyAddAccount(AddAccount add)
    {
        if (AccountRules.Check(add.Draft) is { } wrong) return new Refused(WireError.Invalid, wrong);
        var draft = add.Draft with { Email = add.Draft.Email is { } email ? AccountRules.NormalizeEmail(email) : null };
        var existing = Find(account => account.Id == draft.Id, facts.FindAccountById(draft.Id));
        if (existing is not null && !add.Replace) return new Refused(WireError.Conflict, "This id is already taken");
        if (draft.Email is not null && TakenByAnother(FindByEmail(draft.Email), existing)) return new Refused(WireError.Conflict, "Email already registered");
        if (draft.Username is not null && TakenByAnother(FindByUsername(AccountRules.NormalizeUsername(draft.Username)), existing))
            return new Refused(WireError.Conflict, "Username already taken");

        var account = new Account(existing?.Key ?? facts.NextAccountKey(), draft.Id, draft.Email, draft.Name.Trim(), draft.Username?.Trim(), draft.Avatar, draft.AccountType);
        Changes.Accounts.Add((account, draft.PasswordHash, existing is null));
        _accountsInBatch[account.Key] = account;
        return new AccountAdded(account, existing is null);
    }

    private static bool TakenByAnother(Account? holder, Account? self) => holder is not null && holder.Key != self?.Key;

    private Account? FindByEmail(string email) => Find(account => account.Email == email, facts.FindAccountByEmail(email));

    private Account? FindByUsername(string username) =>
        Find(account => account.Username is { } name && AccountRules.NormalizeUsername(name) == username, facts.FindAccountByUsername(username));

    /// <summary>The present batch's word about an account replaces the stored one, so a name that it gave up is free.</summary>
    private Account? Find(Func<Account, bool> matches, Account? stored) =>
        _accountsInBatch.Values.FirstOrDefault(matches) ?? (stored is not null && _accountsInBatch.ContainsKey(stored.Key) ? null : stored);
}
