using Tieline.Core.Accounts;
using Tieline.Core.Ledgers;
using Tieline.Core.Storage;
using Tieline.Protocol;
using Tieline.Server.Configuration;

namespace Tieline.Server.Accounts;

/// <summary>Who somebody is, as shown by a token or ticket.</summary>
/// <param name="Expires">When the token ends; null for never.</param>
internal sealed record Identity(Account Account, DateTimeOffset? Expires);

/// <summary>Either who it is, or why not: the code, and a sentence in v1's words.</summary>
internal readonly record struct IdentityCheck(Identity? Identity, string? Refusal);

/// <summary>Finds the account that a token names.</summary>
internal sealed class Identities(TielineOptions options, Tokens tokens, IMessageStore store, Func<string> newId)
{
    public async ValueTask<IdentityCheck> CheckAsync(string? token, CancellationToken cancel)
    {
        if (string.IsNullOrEmpty(token)) return new(null, "Missing token");
        var check = await tokens.CheckAsync(token, cancel);
        if (check.Claims is not { } claims) return new(null, check.Refusal);
        var account = await FindAsync(claims.Identity, cancel);
        if (account is null && options.UnknownAccounts == UnknownAccounts.Create) account = await CreateAsync(claims, cancel);
        return account is null ? new(null, "User not found") : new(new Identity(account, claims.Expires), null);
    }

    private ValueTask<Account?> FindAsync(string identity, CancellationToken cancel) =>
        store.FindAccountAsync(identity.Contains('@', StringComparison.Ordinal) ? AccountLookup.Email : AccountLookup.Id, identity, cancel);

    private async ValueTask<Account?> CreateAsync(TokenClaims claims, CancellationToken cancel)
    {
        var byEmail = claims.Identity.Contains('@', StringComparison.Ordinal);
        var email = byEmail ? claims.Identity : claims.Email;
        // With an id of our own it would not be found by the next token, and made again each time.
        if (!byEmail && !AccountIds.IsValid(claims.Identity)) return null;
        var id = byEmail ? newId() : claims.Identity;
        var outcome = await store.SubmitAsync(new AddAccount(new AccountDraft(id, email, NameOf(claims), AccountType: claims.AccountType is { Length: <= AccountRules.MaxTypeLength } type ? type : null)));
        // Two first requests at once: one makes the account, the other finds it.
        return outcome is AccountAdded added ? added.Account : await FindAsync(claims.Identity, cancel);
    }

    /// <summary>What the token calls them, made into a name that an account may have: nobody is turned away for their name.</summary>
    private static string NameOf(TokenClaims claims)
    {
        var given = new string([.. (claims.Name ?? "").Where(sign => !char.IsControl(sign)).Take(AccountRules.MaxNameLength)]).Trim();
        if (given.Length > 0) return given;
        var at = claims.Identity.IndexOf('@', StringComparison.Ordinal);
        return at > 0 ? claims.Identity[..at] : claims.Identity;
    }
}
