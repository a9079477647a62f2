using System.Buffers.Text;
using System.Collections.Concurrent;
using System.Security.Cryptography;
using Tieline.Core.Accounts;

namespace Tieline.Server.Accounts;

/// <summary>What a ticket opens.</summary>
internal enum TicketUse
{
    Socket,
    Stream,
}

/// <summary>Short-lived stand-ins for a token, so that no token need stand in an address. Each opens one line, once.</summary>
internal sealed class Tickets(TimeProvider time)
{
    public const int LifetimeSeconds = 30;
    private const int MaxHeld = 100_000;

    private readonly ConcurrentDictionary<string, Ticket> _tickets = new(StringComparer.Ordinal);
    private readonly ConcurrentQueue<(string Value, long Until)> _order = new();

    private sealed record Ticket(Account Account, TicketUse Use, DateTimeOffset? TokenExpires, long Until);

    public string Issue(Account account, TicketUse use, DateTimeOffset? tokenExpires)
    {
        Sweep();
        var value = Base64Url.EncodeToString(RandomNumberGenerator.GetBytes(32));
        var until = time.GetUtcNow().ToUnixTimeMilliseconds() + (LifetimeSeconds * 1000);
        _tickets[value] = new Ticket(account, use, tokenExpires, until);
        _order.Enqueue((value, until));
        return value;
    }

    /// <summary>Burns a ticket. Of two that try, one gets it.</summary>
    public (Account Account, DateTimeOffset? TokenExpires)? Burn(string value, TicketUse use) =>
        _tickets.TryRemove(value, out var ticket) && ticket.Use == use && ticket.Until >= time.GetUtcNow().ToUnixTimeMilliseconds()
            ? (ticket.Account, ticket.TokenExpires) : null;

    private void Sweep()
    {
        var now = time.GetUtcNow().ToUnixTimeMilliseconds();
        while (_order.TryPeek(out var oldest) && (oldest.Until < now || _order.Count >= MaxHeld) && _order.TryDequeue(out oldest))
            _tickets.TryRemove(oldest.Value, out _);
    }
}
