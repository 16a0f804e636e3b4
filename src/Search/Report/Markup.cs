using System.Globalization;
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

    private static object? Clean(object? content) => content is string text ? Clean(text) : content;

    /// <summary>Control characters have no place in XML, escaped or not.</summary>
    private static string Clean(string text) =>
        text.All(c => XmlConvert.IsXmlChar(c) || char.IsSurrogate(c)) && IsWellPaired(text) ? text : string.Concat(text.Select(c => XmlConvert.IsXmlChar(c) ? c : '\uFFFD'));

    private static bool IsWellPaired(string text)
    {
        for (var i = 0; i < text.Length; i++)
        {
            if (!char.IsSurrogate(text[i])) continue;
            if (i + 1 >= text.Length || !char.IsSurrogatePair(text[i], text[i + 1])) return false;
            i++;
        }
        return true;
    }
}
