using System;
using System.Collections.Generic;
using System.Linq;

namespace DataSsl.Generator.Parsing;

/// <summary>Finds what the writer probably meant.</summary>
public static class Suggestion
{
    /// <summary>No known word is nearly as long.</summary>
    private const int MostCharacters = 64;

    /// <summary><c>, did you mean 'stride'?</c>, or the known words where none is near.</summary>
    public static string For(string word, IReadOnlyCollection<string> known)
    {
        var nearest = word.Length > MostCharacters
            ? null
            : known.OrderBy(k => Distance(word, k)).ThenBy(k => k, StringComparer.Ordinal).FirstOrDefault();
        return nearest is not null && Distance(word, nearest) <= Math.Max(1, nearest.Length / 3) ? $", did you mean '{nearest}'?"
            : known.Count > 0 ? $"; known are {string.Join(", ", known)}"
            : "";
    }

    /// <summary>Edits (insert, delete, replace, swap of neighbours) between two words, without regard to case.</summary>
    private static int Distance(string a, string b)
    {
        var d = new int[a.Length + 1, b.Length + 1];
        for (var i = 0; i <= a.Length; i++) d[i, 0] = i;
        for (var j = 0; j <= b.Length; j++) d[0, j] = j;
        for (var i = 1; i <= a.Length; i++)
        {
            for (var j = 1; j <= b.Length; j++)
            {
                var same = Same(a[i - 1], b[j - 1]);
                d[i, j] = Math.Min(Math.Min(d[i - 1, j], d[i, j - 1]) + 1, d[i - 1, j - 1] + (same ? 0 : 1));
                if (i > 1 && j > 1 && Same(a[i - 1], b[j - 2]) && Same(a[i - 2], b[j - 1]))
                    d[i, j] = Math.Min(d[i, j], d[i - 2, j - 2] + 1);
            }
        }
        return d[a.Length, b.Length];

        static bool Same(char x, char y) => char.ToUpperInvariant(x) == char.ToUpperInvariant(y);
    }
}
