using Detect;

// Detect torch|onnx|csharp MODELS IMAGES RESULTS: what CellDetector finds on the images of a folder, drawn on each.
if (args is not [var form, var models, var images, var results])
{
    Console.Error.WriteLine("usage: Detect torch|onnx|csharp MODELS-FOLDER IMAGE-FOLDER RESULT-FOLDER");
    return 2;
}
try
{
    using var detector = Detector.Open(form, models);
    Directory.CreateDirectory(results);
    foreach (var path in Directory.GetFiles(images).Order(StringComparer.Ordinal))
    {
        using var photo = new Photo(path);
        var found = detector.Find(photo).Where(one => one.Score >= Detector.Sure).ToList();
        foreach (var one in found) photo.Frame(one.Left, one.Top, one.Right, one.Bottom, one.Label);
        photo.Save(Path.Combine(results, Path.GetFileNameWithoutExtension(path) + ".png"));
        var counts = found.GroupBy(one => Detector.Classes[one.Label]).OrderBy(g => g.Key).Select(g => $"{g.Count()} {g.Key}");
        Console.WriteLine($"{Path.GetFileName(path)}: {(found.Count == 0 ? "nothing" : string.Join(", ", counts))}");
    }
    return 0;
}
catch (Exception e) when (e is InvalidDataException or IOException or UnauthorizedAccessException)
{
    Console.Error.WriteLine(e.Message);
    return 2;
}
