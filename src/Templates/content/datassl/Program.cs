using DataSsl.Cli;
using DataSsl.Models;
using DataSsl.Spaces;

// With arguments this program is the whole command line over its own spaces: dotnet run -c Release -- space show Pocket
if (args.Length > 0) return DataSslCli.Run(args, CompiledSpaces.All);

Console.WriteLine($"{Pocket.Arch.Count} architectures, from {Pocket.Arch.Min.Macs(64):N0} to {Pocket.Arch.Max.Macs(64):N0} MACs");

using var network = new Winner();
var weights = Path.Combine(AppContext.BaseDirectory, "Models", "Winner.safetensors");
if (File.Exists(weights)) network.load_safetensors(weights);
network.eval();

// Stands in for a picture: red, green and blue of each pixel, of any size.
var embedding = network.Embed(new byte[3 * 320 * 240], width: 320, height: 240);
Console.WriteLine($"Winner, {(File.Exists(weights) ? "trained" : "not trained yet")}, embeds a picture in {embedding.Length} numbers");
return 0;
