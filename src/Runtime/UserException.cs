namespace DataSsl.Runtime;

/// <summary>
/// A mistake of the user, told in one line that names the file or option, the place and the mend. The command line prints the message and
/// exits 2; every other exception is a failure of ours and exits 1.
/// </summary>
public class UserException(string message, Exception? inner = null) : Exception(OneLine.Of(message), inner);

/// <summary>
/// A file that is not what its name or header promises: cut short, changed, or of another format. An older copy of it may do.
/// </summary>
public sealed class DamagedFileException(string message, Exception? inner = null) : UserException(message, inner);
