using DataSsl.Runtime;

namespace DataSsl.Search.Emit.Forms;

/// <summary>Lists of forms such as <c>class,onnx</c>.</summary>
internal static class FormList
{
    /// <summary>The forms of a list in the order of all, of which the first is always among them.</summary>
    /// <exception cref="UserException">One is unknown.</exception>
    public static IReadOnlyList<TForm> Parse<TForm>(string list, IReadOnlyList<TForm> all, Func<TForm, string> name)
    {
        var names = list.Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries);
        if (names.Except(all.Select(name)).FirstOrDefault() is { } unknown)
            throw new UserException($"--forms {list}: '{unknown}' is none of {string.Join(", ", all.Select(name))}");
        return [.. all.Where((form, i) => i == 0 || names.Contains(name(form)))];
    }
}
