using System.Collections;
using System.Globalization;
using System.Text;
using System.Xml;
using System.Xml.Linq;

namespace DataSsl.Search.Report;

/// <summary>
/// Short names for building the page as an XML tree: what comes out is well-formed and escaped by construction, and still reads as HTML.
/// </summary>
internal static class Markup
{
    // The only elements of ours that HTML lets stand without an end tag; any other must not collapse to <x />.
    private static readonly HashSet<string> Childless = ["meta", "br", "line", "circle", "rect", "path"];

    public static XElement E(string name, params object?[] content)
    {
        var element = new XElement(name, content.Select(Clean));
        if (element.IsEmpty && !Childless.Contains(name)) element.Value = "";
        return element;
    }

    public static XAttribute A(string name, string value) => new(name, Clean(value));

    /// <summary>A coordinate: at most one decimal, which is finer than a screen shows.</summary>
    public static XAttribute A(string name, double value) => new(name, Coordinate(value));

    public static XAttribute Class(string names) => new("class", names);

    public static string Coordinate(double value) => value.ToString("0.#", CultureInfo.InvariantCulture);

    private static object? Clean(object? content) => content switch
    {
        string text => Clean(text),
        // XLinq takes nested sequences too; strings in them are no less foreign.
        IEnumerable many => many.Cast<object?>().Select(Clean),
        _ => content,
    };

    /// <summary>Control characters and halves of surrogate pairs have no place in XML, escaped or not.</summary>
    private static string Clean(string text) =>
        text.All(XmlConvert.IsXmlChar)
            ? text
            : string.Concat(text.EnumerateRunes().Select(r => r.IsBmp && !XmlConvert.IsXmlChar((char)r.Value) ? Rune.ReplacementChar : r));
}
