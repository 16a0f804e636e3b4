using DataSsl.Models;
using static TorchSharp.torch;

// Models/Backbone.cs and its weights are made by datassl; see the README beside this file.
using var grad = no_grad();
using var net = new Backbone().load_safetensors(Path.Combine(AppContext.BaseDirectory, "Models", "Backbone.safetensors"));
net.eval();

// Stands in for images as Preprocess makes them of pictures: [N, 3, H, W].
using var images = randn(2, 3, 64, 64);

// One vector an image, for look-alikes, clustering or a classifier on top.
using var embedding = net.call(images);
Console.WriteLine($"embedding [{string.Join(", ", embedding.shape)}]");

// Of a picture as it is, whatever its size: red, green and blue of each pixel.
var vector = net.Embed(new byte[3 * 320 * 240], width: 320, height: 240);
Console.WriteLine($"picture [{vector.Length}]");

// The maps of the stages, for detection or segmentation.
var (c2, c3, c4, c5) = net.features(images);
foreach (var (name, map) in new[] { ("C2", c2), ("C3", c3), ("C4", c4), ("C5", c5) })
{
    Console.WriteLine($"{name} [{string.Join(", ", map.shape)}]");
    map.Dispose();
}
