using Deploy;

// Deploy torch|onnx|csharp MODELS GALLERY IMAGES: what each image of a folder is, by the nearest of a gallery.
if (args is not [var form, var models, var folder, var images])
{
    Console.Error.WriteLine("usage: Deploy torch|onnx|csharp MODELS-FOLDER GALLERY-FOLDER IMAGE-FOLDER");
    return 2;
}
try
{
    using IEmbedder network = form switch
    {
        "torch" => new TorchEmbedder(models),
        "onnx" => new OnnxEmbedder(models),
        "csharp" => new PureEmbedder(models),
        _ => throw new InvalidDataException($"{form}: is none of torch, onnx, csharp"),
    };
    var gallery = new Gallery(network, folder);
    foreach (var path in Gallery.Files(images)) Console.WriteLine($"{Path.GetRelativePath(images, path)}: {gallery.Answer(network, path)}");
    return 0;
}
catch (Exception e) when (e is InvalidDataException or IOException or UnauthorizedAccessException)
{
    Console.Error.WriteLine(e.Message);
    return 2;
}
