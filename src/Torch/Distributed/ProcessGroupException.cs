using System.Runtime.InteropServices;

namespace DataSsl.Torch.Distributed;

/// <summary>
/// An operation of a process group failed: most often, another process of it has ended. The message begins with the operation's name.
/// </summary>
public sealed class ProcessGroupException(string message, Exception? inner = null) : ExternalException(message, inner);
