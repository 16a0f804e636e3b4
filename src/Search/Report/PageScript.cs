using System.Text;
using System.Text.RegularExpressions;

namespace DataSsl.Search.Report;

/// <summary>
/// Joins the page's modules into one script, as a page that is one file cannot import others. Each becomes a function that is called once
/// and gives what it exports, so that names of different modules never meet.
/// </summary>
/// <param name="read">Gives the text of a module by its file name.</param>
/// <remarks>
/// Understood are <c>import { a, b } from './module.js';</c> and <c>export</c> before a declaration, each at the start of a line; anything
/// else of modules is refused.
/// </remarks>
internal sealed partial class PageScript(Func<string, string> read)
{
    private readonly StringBuilder script = new();
    private readonly HashSet<string> joined = [];

    /// <summary>The script of a module and of all that it imports, the imported ones first.</summary>
    /// <exception cref="InvalidOperationException">Modules import each other in a circle, or use a form of <c>import</c> or <c>export</c>
    /// that is not understood.</exception>
    public string Join(string file)
    {
        Add(file, []);
        return script.ToString();
    }

    private void Add(string file, IReadOnlyList<string> importers)
    {
        if (importers.Contains(file))
            throw new InvalidOperationException(
                $"the page's modules import each other in a circle: {string.Join(" -> ", [.. importers, file])}");
        if (joined.Contains(file)) return;

        var text = read(file);
        foreach (Match import in Import().Matches(text)) Add(import.Groups["file"].Value, [.. importers, file]);
        var exported = string.Join(", ", Export().Matches(text).Select(m => m.Groups["name"].Value));
        text = Import().Replace(text, import => $"const {{ {import.Groups["names"].Value} }} = {Value(import.Groups["file"].Value)};");
        text = Export().Replace(text, export => export.Groups["declaration"].Value);
        if (Other().Match(text) is { Success: true } other)
            throw new InvalidOperationException($"{file}: '{other.Value}' is no form of import or export that the page's modules may use");

        joined.Add(file);
        script.Append($"\nconst {Value(file)} = (() => {{\n{text}return {{{exported}}};\n}})();\n");
    }

    /// <summary>What the module is called in the script: no name that a module would give to something of its own.</summary>
    private static string Value(string file) => $"$${Path.GetFileNameWithoutExtension(file)}";

    [GeneratedRegex(@"^import \{ (?<names>[\w, ]+) \} from '\./(?<file>\w+\.js)';", RegexOptions.Multiline)]
    private static partial Regex Import();

    [GeneratedRegex(@"^export (?<declaration>(const|class|function|async function) (?<name>\w+))", RegexOptions.Multiline)]
    private static partial Regex Export();

    [GeneratedRegex(@"^\s*(import|export)\b.*", RegexOptions.Multiline)]
    private static partial Regex Other();
}
