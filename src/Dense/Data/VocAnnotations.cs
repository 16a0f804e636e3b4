using System.Globalization;
using System.Xml;
using System.Xml.Linq;
using DataSsl.Runtime;
using DataSsl.Runtime.Storage;

namespace DataSsl.Dense.Data;

/// <summary>Pascal VOC's file of an image: one element <c>object</c> each, with name, box and whether it is difficult.</summary>
internal static class VocAnnotations
{
    private const long MostBytes = 1 << 24;

    /// <summary>Elements within elements; VOC has five. A document's tree takes the square of them in time to be built.</summary>
    private const int MostDepth = 32;

    /// <summary>What a file marks.</summary>
    /// <param name="path">The XML file.</param>
    /// <param name="faults">Of single objects.</param>
    /// <exception cref="UserException">It is missing, or not what it should be as a whole.</exception>
    public static MarkedImage Read(string path, Faults faults)
    {
        var root = Root(path);
        var objects = new List<Marked>();
        foreach (var element in root.Elements("object"))
        {
            var place = Place(path, element);
            try
            {
                objects.Add(Object(element, place));
            }
            catch (InvalidDataException e)
            {
                faults.Add(e.Message, place);
            }
        }
        try
        {
            return new(path, objects, root.Element("size") is null ? null : Size(Only(root, "size")));
        }
        catch (InvalidDataException e)
        {
            throw new UserException($"{path}: {e.Message}", e);
        }
    }

    private static XElement Root(string path)
    {
        var bytes = RegularFile.ReadBytes(path, MostBytes, "no such file; Pascal VOC has one for each image");
        // Neither a document type nor anything from elsewhere: entities may stand for gigabytes, or for the reader's own files.
        var settings = new XmlReaderSettings
        {
            DtdProcessing = DtdProcessing.Prohibit,
            XmlResolver = null,
            MaxCharactersInDocument = MostBytes,
        };
        try
        {
            using (var first = XmlReader.Create(new MemoryStream(bytes), settings))
                while (first.Read())
                    if (first.Depth > MostDepth)
                        throw new UserException(
                            $"{path}:{((IXmlLineInfo)first).LineNumber}: elements nested {MostDepth} deep, which Pascal VOC has none of");
            using var reader = XmlReader.Create(new MemoryStream(bytes), settings);
            var root = XDocument.Load(reader, LoadOptions.SetLineInfo).Root!;
            return root.Name == "annotation"
                ? root
                : throw new UserException($"{path}: its element is '{root.Name}' where Pascal VOC has 'annotation'");
        }
        catch (XmlException e)
        {
            throw new UserException(
                $"{path}:{Math.Max(1, e.LineNumber)}: not XML, cut short, or with a document type, which is not read", e);
        }
    }

    private static Marked Object(XElement element, string place)
    {
        var name = Only(element, "name").Value.Trim();
        if (name.Length == 0) throw new InvalidDataException("a class without a name");
        var box = Only(element, "bndbox");
        // The first and last pixel, counted from 1.
        var (left, top) = (Number(box, "xmin") - 1, Number(box, "ymin") - 1);
        var difficult = element.Element("difficult") is null ? "0" : Only(element, "difficult").Value.Trim();
        return new(
            place, name,
            new(left, top, Number(box, "xmax") - left, Number(box, "ymax") - top))
        { IsDifficult = difficult is not ("0" or "") };
    }

    private static (long Width, long Height)? Size(XElement element)
    {
        var (width, height) = (Number(element, "width"), Number(element, "height"));
        // Some programs write 0 for what they do not know.
        return width == 0 && height == 0 ? null : (Whole(width), Whole(height));

        static long Whole(double side) =>
            side == Math.Floor(side) && side is > 0 and < int.MaxValue
                ? (long)side
                : throw new InvalidDataException("a size that no image has");
    }

    private static double Number(XElement of, string name)
    {
        var text = Only(of, name).Value.Trim();
        return double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out var number) && double.IsFinite(number) ? number
            : throw new InvalidDataException($"a {name} that is no number");
    }

    private static XElement Only(XElement of, string name)
    {
        var found = of.Elements(name).Take(2).ToArray();
        return found.Length == 1
            ? found[0]
            : throw new InvalidDataException(found.Length == 0 ? $"without a {name}" : $"with more than one {name}");
    }

    private static string Place(string path, XElement element) =>
        FormattableString.Invariant($"{path}:{((IXmlLineInfo)element).LineNumber}");
}
