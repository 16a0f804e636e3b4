using System.Globalization;
using System.Text;
using DataSsl.Jobs.Shared;
using DataSsl.Runtime;
using DataSsl.Runtime.Storage;
using Parquet;
using Parquet.Schema;
using static TorchSharp.torch;

namespace DataSsl.Jobs.Similarity;

/// <summary>A file of embeddings with the paths of their images, whose kind its extension tells.</summary>
internal abstract class EmbeddingFile(string path)
{
    /// <summary>Where it is.</summary>
    public string Path { get; } = path;

    /// <summary>A file beside it that belongs to it; null for none.</summary>
    public virtual string? Beside => null;

    /// <summary>The kind that a path asks for.</summary>
    public static EmbeddingFile Of(string path) => System.IO.Path.GetExtension(path).ToLowerInvariant() switch
    {
        ".npy" => new NpyFile(path),
        ".csv" => new CsvFile(path),
        ".parquet" => new ParquetFile(path),
        _ => throw new UserException($"--out {path}: give a file that ends in .npy, .csv or .parquet"),
    };

    /// <summary>Refuses what is no file in its place, and names of images that the kind cannot hold.</summary>
    public virtual void Check(IEnumerable<string> names)
    {
        foreach (var one in new[] { Path, Beside }.OfType<string>()) RegularFile.MustBe(one);
    }

    /// <summary>Makes its folder, and sees that it can be written to.</summary>
    public void MakeRoom() => RunFolder.Make(System.IO.Path.GetDirectoryName(System.IO.Path.GetFullPath(Path))!);

    /// <summary>Writes it, whole or not at all.</summary>
    /// <param name="paths">One an image.</param>
    /// <param name="vectors">[N, C] of 32 bits.</param>
    public abstract void Write(IReadOnlyList<string> paths, Tensor vectors);

    /// <summary>NumPy's own format, float32 [N, C] in C order; the paths stand in a text file beside it, one a line.</summary>
    private sealed class NpyFile(string path) : EmbeddingFile(path)
    {
        private static readonly byte[] magic = [0x93, .. "NUMPY"u8, 1, 0];

        /// <summary>The header ends at a multiple of this.</summary>
        private const int Alignment = 64;

        public override string Beside => System.IO.Path.ChangeExtension(Path, ".paths.txt");

        public override void Check(IEnumerable<string> names)
        {
            base.Check(names);
            if (names.FirstOrDefault(name => name.AsSpan().ContainsAny('\r', '\n')) is { } broken)
                throw new UserException(
                    $"'{broken}' has a line break in its name, and the list beside a .npy has a path a line; give --out a .csv or .parquet");
        }

        /// <summary>
        /// The list is under way before the vectors take their place: a disk without room for it keeps the file that was.
        /// </summary>
        public override void Write(IReadOnlyList<string> paths, Tensor vectors) => AtomicFile.Write(Beside, list =>
        {
            list.Write(Encoding.UTF8.GetBytes(string.Concat(paths.Select(one => one + "\n"))));
            list.Flush();
            AtomicFile.Write(Path, file =>
            {
                file.Write(Header(vectors.shape[0], vectors.shape[1]));
                foreach (var rows in Rows(vectors)) file.Write(rows.bytes);
            });
        });

        private static byte[] Header(long count, long channels)
        {
            var text = FormattableString.Invariant(
                $"{{'descr': '<f4', 'fortran_order': False, 'shape': ({count}, {channels}), }}");
            var length = magic.Length + sizeof(ushort) + text.Length + 1;
            text = text.PadRight(text.Length + (Alignment - length % Alignment) % Alignment) + "\n";
            return [.. magic, (byte)text.Length, (byte)(text.Length >> 8), .. Encoding.ASCII.GetBytes(text)];
        }
    }

    /// <summary>A heading, then a line an image: its path and its numbers, each as short as it can be read back the same.</summary>
    private sealed class CsvFile(string path) : EmbeddingFile(path)
    {
        public override void Write(IReadOnlyList<string> paths, Tensor vectors) => AtomicFile.Write(Path, file =>
        {
            using var text = new StreamWriter(file, new UTF8Encoding(false), leaveOpen: true) { NewLine = "\n" };
            var channels = (int)vectors.shape[1];
            text.WriteLine("path," + string.Join(',', Enumerable.Range(0, channels)));
            var image = 0;
            foreach (var rows in Rows(vectors))
                foreach (var row in rows.data<float>().ToArray().Chunk(channels))
                    text.WriteLine(
                        $"{Field(paths[image++])},{string.Join(',', row.Select(value => value.ToString("R", CultureInfo.InvariantCulture)))}");
        });

        /// <summary>In quotes where it would fall apart without (RFC 4180).</summary>
        private static string Field(string text) =>
            text.AsSpan().ContainsAny(",\"\r\n") || text != text.Trim()
                ? $"\"{text.Replace("\"", "\"\"", StringComparison.Ordinal)}\""
                : text;
    }

    /// <summary>
    /// Two columns, as pandas, DuckDB and Arrow make of a table with vectors: <c>path</c>, and <c>embedding</c>, a list of floats an image.
    /// </summary>
    private sealed class ParquetFile(string path) : EmbeddingFile(path)
    {
        public override void Write(IReadOnlyList<string> paths, Tensor vectors) =>
            AtomicFile.Write(Path, file => WriteAsync(file, paths, vectors).GetAwaiter().GetResult());

        /// <summary>A group of rows after another, so that memory holds one alone.</summary>
        private static async Task WriteAsync(Stream file, IReadOnlyList<string> paths, Tensor vectors)
        {
            var (name, element) = (new DataField<string>("path", nullable: false), new DataField<float>("element", nullable: false));
            var schema = new ParquetSchema(name, new ListField("embedding", element));
            await using var writer = await ParquetWriter.CreateAsync(schema, file);
            var (channels, image) = ((int)vectors.shape[1], 0);
            foreach (var rows in Rows(vectors))
            {
                var values = rows.data<float>().ToArray();
                var some = paths.Skip(image).Take(values.Length / channels).ToArray();
                image += some.Length;
                // Every value is there, and the first of an image begins its list (Dremel's levels).
                var there = Enumerable.Repeat(element.MaxDefinitionLevel, values.Length).ToArray();
                var begins = Enumerable.Range(0, values.Length).Select(i => i % channels == 0 ? 0 : 1).ToArray();
                using var group = writer.CreateRowGroup();
                await group.WriteAsync(name, some);
                await group.WriteAllPartsAsync<float>(element, values, there, begins, default);
            }
        }
    }

    /// <summary>A few rows at a time: one span has no room for all of a large set.</summary>
    private static IEnumerable<Tensor> Rows(Tensor vectors)
    {
        const int some = 1024;
        for (var row = 0L; row < vectors.shape[0]; row += some)
        {
            using var rows = vectors.narrow(0, row, Math.Min(some, vectors.shape[0] - row)).cpu().contiguous();
            yield return rows;
        }
    }
}
