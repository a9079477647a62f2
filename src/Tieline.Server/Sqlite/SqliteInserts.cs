namespace Tieline.Server.Sqlite;

/// <summary>
/// Many rows for one table, several by one statement as long as there are so many: to start and to end a statement costs as much as a short
/// row. Each row is bound to <see cref="Row"/> and ended by <see cref="End"/>.
/// </summary>
/// <param name="one">Inserts one row.</param>
/// <param name="many">Inserts <see cref="AtOnce"/>. By OR FAIL, for what undoes half a statement costs a copy of every page; here a failure undoes the batch.</param>
/// <param name="rows">How many will come.</param>
internal struct SqliteInserts(SqliteStatement one, SqliteStatement many, int rows)
{
    public const int AtOnce = 8;

    private int _left = rows;
    private int _bound;

    public readonly SqliteStatement Row => _left >= AtOnce ? many : one;

    public void End()
    {
        var row = Row;
        var full = row == many ? AtOnce : 1;
        if (++_bound < full) return;
        row.Run();
        row.Reset();
        (_bound, _left) = (0, _left - full);
    }
}
