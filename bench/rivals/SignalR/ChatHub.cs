using Microsoft.AspNetCore.Authorization;
using Microsoft.AspNetCore.SignalR;
using Microsoft.EntityFrameworkCore;

namespace Rival.SignalR;

internal sealed record MessageView(long Id, string From, string To, string Text, DateTime CreatedAt);

internal sealed record Stored(long Id, DateTime CreatedAt);

[Authorize]
internal sealed class ChatHub(ChatDb db, WriteGate gate, TimeProvider time) : Hub
{
    private const int HistoryPage = 500;
    private const int LongestText = 4096;

    private string Me => Context.UserIdentifier!;

    /// <summary>A client that comes back names the last message it has (`since`) and gets what it missed.</summary>
    public override async Task OnConnectedAsync()
    {
        _ = long.TryParse(Context.GetHttpContext()?.Request.Query["since"], out var since);
        var missed = await db.Messages.AsNoTracking()
            .Where(m => m.RecipientId == Me && m.Id > since)
            .OrderBy(m => m.Id)
            .Take(HistoryPage)
            .Select(m => new MessageView(m.Id, m.SenderId, m.RecipientId, m.Text, m.CreatedAt))
            .ToListAsync(Context.ConnectionAborted);
        await Clients.Caller.SendAsync("history", missed, Context.ConnectionAborted);
    }

    /// <summary>Stores, then delivers; the returned value is the sender's acknowledgement.</summary>
    public async Task<Stored> Send(string to, string text)
    {
        if (string.IsNullOrWhiteSpace(text) || text.Length > LongestText)
            throw new HubException($"A message has 1 to {LongestText} characters.");

        var message = new Message
        {
            SenderId = Me,
            RecipientId = to,
            Text = text,
            CreatedAt = time.GetUtcNow().UtcDateTime,
        };
        db.Messages.Add(message);
        using (await gate.EnterAsync()) await db.SaveChangesAsync();

        await Clients.User(to).SendAsync("message",
            new MessageView(message.Id, message.SenderId, message.RecipientId, message.Text, message.CreatedAt));
        return new Stored(message.Id, message.CreatedAt);
    }
}
