using System.Diagnostics;
using AotDeploy;
using DataSsl.Models;

// look-alikes WEIGHTS GALLERY IMAGE...: for each image (binary PPM of any size) the likest of the gallery, by the cosine of their
// embeddings.
if (args.Length < 3)
{
    Console.Error.WriteLine("usage: look-alikes WEIGHTS.safetensors GALLERY-FOLDER IMAGE.ppm...");
    return 2;
}
try
{
    var watch = Stopwatch.StartNew();
    using var network = BackbonePure.Load(args[0], threads: Environment.ProcessorCount);
    Console.WriteLine($"loaded in {watch.ElapsedMilliseconds} ms");
    var gallery = Directory.GetFiles(args[1], "*.ppm").Order(StringComparer.Ordinal).Select(path => (Path: path, Embedding: Embed(path)))
        .ToList();
    if (gallery.Count == 0) throw new InvalidDataException($"{args[1]}: holds no .ppm images");
    Console.WriteLine($"{gallery.Count} images in the gallery after {watch.ElapsedMilliseconds} ms");
    foreach (var path in args[2..])
    {
        var query = Embed(path);
        var (likest, cosine) = gallery.Select(g => (g.Path, Cosine: Dot(g.Embedding, query))).MaxBy(g => g.Cosine);
        Console.WriteLine($"{path}: {likest} ({cosine:f3})");
    }
    return 0;

    float[] Embed(string path)
    {
        var (rgb, width, height) = Picture.Read(path);
        var embedding = network.Embed(rgb, width, height);
        var length = MathF.Sqrt(Dot(embedding, embedding));
        return Array.ConvertAll(embedding, v => v / length);
    }
}
catch (Exception e) when (e is InvalidDataException or IOException or UnauthorizedAccessException)
{
    Console.Error.WriteLine(e.Message);
    return 2;
}

static float Dot(float[] a, float[] b)
{
    var sum = 0f;
    for (var i = 0; i < a.Length; i++) sum += a[i] * b[i];
    return sum;
}
