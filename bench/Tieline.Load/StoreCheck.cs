using System.Text;
using Microsoft.Data.Sqlite;

namespace Tieline.Load;

/// <summary>Reads a stopped server's store: as many rows as were acknowledged and delivered, each once, each sender's in order.</summary>
internal static class StoreCheck
{
    public static int Run(ServerProcess server, int acknowledged, int delivered, Faults faults)
    {
        if (!server.Contender.IsDurable) return 0;
        using var connection = new SqliteConnection($"Data Source={server.Contender.StoreFile(server.Folder)};Pooling=false");
        connection.Open();
        using var command = connection.CreateCommand();
        command.CommandText = server.Contender.StoreQuery;
        using var rows = command.ExecuteReader();
        var last = new Dictionary<(int From, int To), int>();
        var stored = 0;
        while (rows.Read())
        {
            stored++;
            if (!Letter.TryRead(Encoding.UTF8.GetBytes(rows.GetString(0)), out var letter))
            {
                faults.Add("a stored text that nobody sent");
                continue;
            }
            var expected = last.GetValueOrDefault((letter.From, letter.To)) + 1;
            if (letter.Number != expected) faults.Add($"store: {letter} where {expected} was due");
            last[(letter.From, letter.To)] = letter.Number;
        }
        if (stored != acknowledged || stored != delivered)
            faults.Add($"store: {stored} rows, {acknowledged} acknowledged, {delivered} delivered");
        faults.Check(server);
        return stored;
    }
}
