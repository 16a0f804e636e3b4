using DataSsl.Cli;
using DataSsl.Spaces;
using OwnSpace;
using static TorchSharp.torch;

// With arguments this program is the whole command line over its own spaces: dotnet run -- space show Pocket
if (args.Length > 0) return DataSslCli.Run(args, CompiledSpaces.All);

Console.WriteLine($"{Pocket.Arch.Count} architectures, from {Pocket.Arch.Min.Macs(64):N0} to {Pocket.Arch.Max.Macs(64):N0} MACs");
using var network = new HalfPocket();
using var embedding = network.call(zeros(1, 3, 64, 64));
Console.WriteLine($"Half ({Pocket.Arch.Half}) embeds an image in {embedding.shape[1]} numbers");
return 0;
