using Microsoft.EntityFrameworkCore;

namespace Rival.SignalR;

internal sealed class Message
{
    public long Id { get; set; }
    public required string SenderId { get; set; }
    public required string RecipientId { get; set; }
    public required string Text { get; set; }
    public DateTime CreatedAt { get; set; }
}

internal sealed class ChatDb(DbContextOptions<ChatDb> options) : DbContext(options)
{
    public DbSet<Message> Messages => Set<Message>();

    protected override void OnModelCreating(ModelBuilder modelBuilder) => modelBuilder.Entity<Message>(message =>
    {
        message.ToTable("messages");
        message.HasIndex(m => new { m.RecipientId, m.Id });             // what I missed
        message.HasIndex(m => new { m.SenderId, m.RecipientId, m.Id }); // one conversation's page
    });

    /// <summary>
    /// Creates the tables; EF Core puts a new database into WAL mode. synchronous stays at SQLite's
    /// default, FULL, as in every contender; a store that says otherwise must not take part.
    /// </summary>
    public static async Task CreateAsync(IServiceProvider services)
    {
        await using var scope = services.CreateAsyncScope();
        var db = scope.ServiceProvider.GetRequiredService<ChatDb>();
        await db.Database.EnsureCreatedAsync();
        await db.Database.OpenConnectionAsync();
        var journal = await db.Database.SqlQuery<string>($"SELECT journal_mode AS Value FROM pragma_journal_mode").SingleAsync();
        var synchronous = await db.Database.SqlQuery<int>($"SELECT synchronous AS Value FROM pragma_synchronous").SingleAsync();
        if (journal != "wal" || synchronous != 2)
            throw new InvalidOperationException($"Expected WAL with synchronous FULL (2), found {journal} with {synchronous}.");
    }
}
