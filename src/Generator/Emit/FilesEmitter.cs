using System.Collections.Generic;
using System.Linq;

namespace DataSsl.Generator.Emit;

/// <summary>
/// Writes the methods of emitted classes that take image files, in a file of its own: they need a decoder, which the classes do not.
/// </summary>
internal static class FilesEmitter
{
    private const string Decoder = "PictureFile";

    /// <param name="spec">The class that the others are forms of.</param>
    /// <param name="channels">Of a pixel of its pictures.</param>
    /// <param name="classes">The classes that take pictures.</param>
    public static string Emit(FixedClassSpec spec, int channels, IReadOnlyList<string> classes)
    {
        var w = new SourceWriter();
        var sources = KernelSource.For([Decoder]);
        foreach (var line in spec.Provenance) w.Line($"// {line.Replace('\n', ' ')}");
        w.Line("// Needs the package OpenCvSharp4, and the one with the library of the system: OpenCvSharp4.official.runtime.linux-x64, OpenCvSharp4.runtime.win …");
        w.Line("#nullable enable").Line(Names.NamePragma(spec.ClassName));
        w.Usings([.. sources.SelectMany(s => s.Namespaces), "System", "System.IO"]).Line();
        w.Line($"namespace {spec.Namespace};").Line();
        w.Summary("What networks say of image files, which are decoded as training's and evaluation's were.");
        w.Block($"public static class {spec.ClassName}Files", () =>
        {
            foreach (var name in classes)
            {
                Methods(name, "Embed", "The embedding");
                if (spec.Head > 0) Methods(name, "Classify", "The classes' logits");
            }
            foreach (var file in sources) w.Line(file.Nested);
        });
        return w.ToString();

        void Methods(string name, string method, string what)
        {
            Method("string path", "Read(path", "of an image file");
            Method("Stream file", "Read(file", "of an image file that is read from a stream");
            Method("byte[] file", "Decode(file", "of an image file whose bytes are given");

            void Method(string parameter, string call, string of)
            {
                w.Line($"/// <summary>{what} {of}.</summary>");
                w.Line("/// <exception cref=\"InvalidDataException\">It is damaged, or no image that OpenCV reads.</exception>");
                w.Line($"public static float[] {method}(this {name} network, {parameter}) =>");
                w.Line($"    network.{method}({Decoder}.{call}, {channels}, out var width, out var height), width, height);").Line();
            }
        }
    }
}
