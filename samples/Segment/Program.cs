using Detect;
using Segment;

// Segment torch|onnx|csharp MODELS IMAGES RESULTS: the class of every pixel of the images of a folder, laid over each.
if (args is not [var form, var models, var images, var results])
{
    Console.Error.WriteLine("usage: Segment torch|onnx|csharp MODELS-FOLDER IMAGE-FOLDER RESULT-FOLDER");
    return 2;
}
try
{
    using var segmenter = Segmenter.Open(form, models);
    Directory.CreateDirectory(results);
    foreach (var path in Directory.GetFiles(images).Order(StringComparer.Ordinal))
    {
        using var photo = new Photo(path);
        var (labels, height, width) = segmenter.Run(photo);
        photo.Colour(labels, Segmenter.Side, height, width);
        photo.Save(Path.Combine(results, Path.GetFileNameWithoutExtension(path) + ".png"));
        var shares = Enumerable.Range(0, height).SelectMany(y => Enumerable.Range(0, width).Select(x => labels[y * Segmenter.Side + x]))
            .GroupBy(label => label).OrderByDescending(g => g.Count()).Take(3)
            .Select(g => FormattableString.Invariant($"{Segmenter.Classes[g.Key]} {100.0 * g.Count() / (height * width):0.0} %"));
        Console.WriteLine($"{Path.GetFileName(path)}: {string.Join(", ", shares)}");
    }
    return 0;
}
catch (Exception e) when (e is InvalidDataException or IOException or UnauthorizedAccessException)
{
    Console.Error.WriteLine(e.Message);
    return 2;
}
