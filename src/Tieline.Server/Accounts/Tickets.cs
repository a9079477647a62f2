using System.Buffers.Text;
using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using Tieline.Core.Accounts;
using Tieline.Core.Storage;
using Tieline.Server.Bus;

namespace Tieline.Server.Accounts;

/// <summary>What a ticket opens.</summary>
internal enum TicketUse
{
    Socket,
    Stream,
}

/// <summary>What a ticket turned out to be.</summary>
/// <param name="IsKnown">False when nobody can say: another node may have given it, and the bus is away.</param>
/// <param name="Identity">Null for a ticket that is unknown, used or too old.</param>
internal readonly record struct BurntTicket(bool IsKnown, Identity? Identity)
{
    public const string Invalid = "Invalid ticket: unknown, used or older than 30 s";
    public const string Unknown = "It is not known whether this ticket is good; ask for another in a moment";
}

/// <summary>
/// Short-lived stand-ins for a token, so that no token need stand in an address. Each opens one line, once, on any node. While the bus is away a node keeps those it gives,
/// and they are good there only.
/// </summary>
internal sealed class Tickets(IBus bus, LocalBus here, IMessageStore store)
{
    public const int LifetimeSeconds = 30;

    public async ValueTask<string> IssueAsync(Account account, TicketUse use, DateTimeOffset? tokenExpires)
    {
        var what = string.Create(CultureInfo.InvariantCulture, $"{(int)use} {tokenExpires?.ToUnixTimeMilliseconds() ?? 0} {account.Id}");
        var ticket = NewTicket();
        if (await bus.KeepAsync(KeyOf(ticket), what, TimeSpan.FromSeconds(LifetimeSeconds))) return ticket;
        // The bus may have kept that one all the same. No ticket stands in two places, or it could be burnt twice.
        ticket = NewTicket();
        await here.KeepAsync(KeyOf(ticket), what, TimeSpan.FromSeconds(LifetimeSeconds));
        return ticket;
    }

    /// <summary>Burns a ticket. Of two that try, one gets it.</summary>
    public async ValueTask<BurntTicket> BurnAsync(string ticket, TicketUse use, CancellationToken cancel)
    {
        var burnt = await here.BurnAsync(KeyOf(ticket));
        if (burnt.Value is null) burnt = await bus.BurnAsync(KeyOf(ticket));
        if (burnt.Value?.Split(' ') is not [var kind, var expires, var id] || kind != ((int)use).ToString(CultureInfo.InvariantCulture)) return new BurntTicket(burnt.IsKnown, null);
        var until = long.Parse(expires, CultureInfo.InvariantCulture);
        return new BurntTicket(true, await store.FindAccountAsync(AccountLookup.Id, id, cancel) is { } account
            ? new Identity(account, until == 0 ? null : DateTimeOffset.FromUnixTimeMilliseconds(until)) : null);
    }

    private static string NewTicket() => Base64Url.EncodeToString(RandomNumberGenerator.GetBytes(32));

    /// <summary>Who reads along on the bus learns nothing that opens a line.</summary>
    private static string KeyOf(string ticket) => "ticket:" + Base64Url.EncodeToString(SHA256.HashData(Encoding.UTF8.GetBytes(ticket)));
}
