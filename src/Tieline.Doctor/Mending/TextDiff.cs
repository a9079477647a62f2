using System.Text;

namespace Tieline.Doctor.Mending;

/// <summary>A change as people read it: unified, with two lines around.</summary>
internal static class TextDiff
{
    private const int Around = 2;

    public static string Of(string path, string before, string after)
    {
        if (before == after) return "";
        var a = before.Split('\n');
        var b = after.Split('\n');
        var head = 0;
        while (head < a.Length && head < b.Length && a[head] == b[head]) head++;
        var tail = 0;
        while (tail < a.Length - head && tail < b.Length - head && a[^(tail + 1)] == b[^(tail + 1)]) tail++;
        var from = Math.Max(0, head - Around);
        var context = Math.Min(Around, tail);
        var text = new StringBuilder().Append("--- ").Append(path).Append("\n+++ ").Append(path).Append('\n')
            .Append("@@ -").Append(from + 1).Append(',').Append(a.Length - tail + context - from).Append(" +").Append(from + 1).Append(',').Append(b.Length - tail + context - from).Append(" @@\n");
        for (var i = from; i < head; i++) text.Append(' ').Append(a[i]).Append('\n');
        Middle(a[head..(a.Length - tail)], b[head..(b.Length - tail)], text);
        for (var i = a.Length - tail; i < a.Length - tail + context; i++) text.Append(' ').Append(a[i]).Append('\n');
        return text.ToString();
    }

    /// <summary>Lines between the first and the last change; equal ones among them are shown as kept.</summary>
    private static void Middle(string[] a, string[] b, StringBuilder text)
    {
        if ((long)a.Length * b.Length > 250_000)
        {
            foreach (var line in a) text.Append('-').Append(line).Append('\n');
            foreach (var line in b) text.Append('+').Append(line).Append('\n');
            return;
        }
        var common = new int[a.Length + 1, b.Length + 1];
        for (var i = a.Length - 1; i >= 0; i--)
            for (var j = b.Length - 1; j >= 0; j--)
                common[i, j] = a[i] == b[j] ? common[i + 1, j + 1] + 1 : Math.Max(common[i + 1, j], common[i, j + 1]);
        for (int i = 0, j = 0; i < a.Length || j < b.Length;)
        {
            if (i < a.Length && j < b.Length && a[i] == b[j])
            {
                text.Append(' ').Append(a[i++]).Append('\n');
                j++;
            }
            else if (i < a.Length && (j == b.Length || common[i + 1, j] >= common[i, j + 1])) text.Append('-').Append(a[i++]).Append('\n');
            else text.Append('+').Append(b[j++]).Append('\n');
        }
    }
}
